import CommandLine
import Configuration
import Kafka
import TestSupport
import Testing

@testable import gamification_server

@Suite struct ServeOptionsTests {
    /// The value that librdkafka goes by: of a name that is given twice, the last.
    private func reconnectPause(_ arguments: [String]) throws -> String? {
        let invocation = Invocation.read(
            GamificationServer.table, arguments: ["serve"] + arguments, environment: Environment([:]),
            style: TextStyle.plain)
        guard case .run(var reader) = invocation else { throw TestSupportError("not a run: \(invocation)") }
        return ServeOptions(&reader).kafka.properties.last { $0.name == "reconnect.backoff.max.ms" }?.value
    }

    @Test("Brokers that come back are looked for every second, unless -X says otherwise")
    func reconnecting() throws {
        #expect(try reconnectPause([]) == "1000")
        #expect(try reconnectPause(["-X", "reconnect.backoff.max.ms=7000"]) == "7000")
    }
}
