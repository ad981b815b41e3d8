import CommandLine
import EventLoop

/// Sends each request to the stand-in that it is for, and counts what the stand-ins are asked.
final class Router {
    /// The first path segment of everything that steers the stand-ins.
    static let adminSegment = "mock"
    private static let countedPaths = 20_000

    private let registry: RegistryAPI
    private let registryPath: [String]
    private let kafka: KafkaCluster
    private let users: UsersService
    private let auth: AuthService
    private var faults: RegistryFaults
    private var counts: [String: Int] = [:]

    init(
        registry: RegistryAPI, registryPath: [String], faults: RegistryFaults, kafka: KafkaCluster, users: UsersService,
        auth: AuthService
    ) {
        self.registry = registry
        self.registryPath = registryPath
        self.faults = faults
        self.kafka = kafka
        self.users = users
        self.auth = auth
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
            var all = counts
            all[UsersService.path] = users.calls
            all[AuthService.path] = auth.calls
            return MockReply(.object(all.sorted { $0.key < $1.key }.map { .init($0.key, JSONValue($0.value)) }))
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
        case (.post, ["users"]):
            guard let change = request.decoded(GRPCFaults.Change.self) else { return Self.badBody }
            return Self.changed { () throws(EventLoopError) in try users.apply(change) }
        case (.post, ["users", "customers"]):
            guard let change = request.decoded(CustomerDirectory.Change.self) else { return Self.badBody }
            return Self.changed { () throws(EventLoopError) in users.directory.apply(change) }
        case (.post, ["auth"]):
            guard let change = request.decoded(GRPCFaults.Change.self) else { return Self.badBody }
            return Self.changed { () throws(EventLoopError) in try auth.apply(change) }
        default: return .notFound
        }
    }

    private static func changed(_ change: () throws(EventLoopError) -> Bool) -> MockReply {
        do throws(EventLoopError) {
            return try change() ? MockReply([:]) : .error(422, 422, "there is no such change")
        } catch {
            return .error(500, 500, error.description)
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
