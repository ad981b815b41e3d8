/// The standard health service, `grpc.health.v1.Health`: Check, and Watch as a stream.
package final class GRPCHealth {
    /// A service's health, with its number on the wire.
    package enum Status: Int64, Sendable {
        case serving = 1
        case notServing = 2
        /// Watch says this of a service that nobody has named yet.
        case serviceUnknown = 3
    }

    /// Watches at a time; more get RESOURCE_EXHAUSTED.
    private static let watchLimit = 1_000

    private struct Watch {
        let service: String
        let call: GRPCCall
        var told: Status
    }

    private var services: [String: Status] = [:]
    private var watches: [Watch] = []
    private var isStopping = false

    /// Says how a service is; the empty name is the server as a whole. Watchers are told of a change.
    package func set(_ status: Status, service: String = "") {
        if isStopping { return }
        services[service] = status
        tell()
    }

    /// Everything is NOT_SERVING from now on, and watches end.
    func stop() {
        for service in services.keys { services[service] = .notServing }
        tell()
        isStopping = true
        for watch in watches { watch.call.fail(GRPCStatus(.unavailable, "the server is shutting down")) }
        watches = []
    }

    var methods: [ServerMethod] {
        [
            ServerMethod(path: "/grpc.health.v1.Health/Check", isStream: false) { [unowned self] in check($0) },
            ServerMethod(path: "/grpc.health.v1.Health/Watch", isStream: true) { [unowned self] in watch($0) },
        ]
    }

    private func tell() {
        watches.removeAll { !$0.call.isOpen }
        for index in watches.indices {
            let status = services[watches[index].service] ?? .serviceUnknown
            guard status != watches[index].told else { continue }
            // A watcher that reads nothing is told when it does: the next change finds what it was told last.
            if watches[index].call.send(encode(status)) { watches[index].told = status }
        }
    }

    private func check(_ call: GRPCCall) {
        guard let service = service(call) else { return }
        guard let status = services[service] else {
            return call.fail(GRPCStatus(.notFound, "no such service"))
        }
        encode(status).withUnsafeBytes { call.respond($0) }
    }

    private func watch(_ call: GRPCCall) {
        guard let service = service(call) else { return }
        watches.removeAll { !$0.call.isOpen }
        if isStopping { return call.fail(GRPCStatus(.unavailable, "the server is shutting down")) }
        guard watches.count < Self.watchLimit else {
            return call.fail(GRPCStatus(.resourceExhausted, "too many watches"))
        }
        let status = services[service] ?? .serviceUnknown
        call.send(encode(status))
        watches.append(Watch(service: service, call: call, told: status))
    }

    /// The request's service; answers the call if the request is malformed.
    private func service(_ call: GRPCCall) -> String? {
        var name = ""
        var reader = WireReader(Array(call.request)[...])
        while let field = reader.next() {
            if case (1, .bytes(let text)) = field { name = String(decoding: text, as: UTF8.self) }
        }
        if reader.isComplete { return name }
        call.fail(GRPCStatus(.invalidArgument, "the request is not a HealthCheckRequest"))
        return nil
    }

    private func encode(_ status: Status) -> [UInt8] {
        var writer = WireWriter()
        writer.number(1, status.rawValue)
        return writer.bytes
    }
}
