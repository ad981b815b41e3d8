import CommandLine

/// Sends each request to the stand-in that it is for, and counts what the registry is asked.
final class Router {
    /// The first path segment of everything that steers the stand-ins.
    static let adminSegment = "mock"
    private static let countedPaths = 20_000

    private let registry: RegistryAPI
    private let registryPath: [String]
    private let kafka: KafkaCluster
    private var faults: RegistryFaults
    private var counts: [String: Int] = [:]

    init(registry: RegistryAPI, registryPath: [String], faults: RegistryFaults, kafka: KafkaCluster) {
        self.registry = registry
        self.registryPath = registryPath
        self.faults = faults
        self.kafka = kafka
    }

    func answer(_ request: MockRequest) -> MockReply {
        if request.path.first == Self.adminSegment {
            var inner = request
            inner.path.removeFirst()
            return administer(inner)
        }
        count(request)
        var reply = faults.takeFailure() ?? askRegistry(request)
        reply.delayMilliseconds = faults.delayMilliseconds
        return reply
    }

    private func askRegistry(_ request: MockRequest) -> MockReply {
        guard request.path.starts(with: registryPath) else { return .notFound }
        var inner = request
        inner.path.removeFirst(registryPath.count)
        return registry.answer(inner)
    }

    private func count(_ request: MockRequest) {
        let key = "\(request.method.rawValue) /\(request.path.joined(separator: "/"))"
        if counts[key] != nil || counts.count < Self.countedPaths { counts[key, default: 0] += 1 }
    }

    private func administer(_ request: MockRequest) -> MockReply {
        switch (request.method, request.path) {
        case (.get, ["requests"]):
            let members = counts.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, JSONValue($0.value)) }
            return MockReply(.object(members))
        case (.post, ["registry"]):
            guard let change = request.decoded(RegistryFaults.Change.self) else { return Self.badBody }
            faults.apply(change)
            return MockReply([:])
        case (.post, ["kafka", "errors"]):
            guard let order = request.decoded(KafkaErrorOrder.self) else { return Self.badBody }
            return Self.done { () throws(MockServicesError) in try kafka.pushErrors(order) }
        case (.post, ["kafka", "brokers"]):
            guard let order = request.decoded(KafkaBrokerOrder.self) else { return Self.badBody }
            return Self.done { () throws(MockServicesError) in try kafka.steer(order) }
        case (.post, ["kafka", "topics"]):
            guard let order = request.decoded(KafkaTopicOrder.self) else { return Self.badBody }
            return Self.done { () throws(MockServicesError) in
                try kafka.createTopic(order.name, partitions: order.partitions)
            }
        default: return .notFound
        }
    }

    private static let badBody = MockReply.error(400, 400, "the body is not the JSON that this path takes")

    private static func done(_ order: () throws(MockServicesError) -> Void) -> MockReply {
        do throws(MockServicesError) {
            try order()
            return MockReply([:])
        } catch {
            return .error(422, 422, error.description)
        }
    }
}
