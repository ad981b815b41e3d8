package import CommandLine
import Events
import Kafka
import Lifecycle
import Runs

/// `PROGRAM __complete KIND`: words for a shell's completion. Where the brokers cannot be asked within two seconds
/// there are none; it never complains, because somebody is in the middle of typing.
package struct CompleteCommand: Sendable {
    private let console: Console
    private let kind: String
    private let program: String
    private static let patience = Duration.seconds(2)
    /// A shell does nothing sensible with more.
    private static let limit = 2_000

    /// - Parameter kind: of the words that are wanted, as the flag table names it.
    package init(console: Console, kind: String, program: String) {
        self.console = console
        self.kind = kind
        self.program = program
    }

    /// Prints the words, one a line.
    package func run(_ reader: OptionReader) async -> ExitCode {
        var reader = reader
        let connection = ConnectionOptions(&reader, program: program)
        // Not finish: the flag that is being completed has no value yet, and other mistakes can wait.
        let isReachable = !connection.kafka.bootstrapServers.isEmpty
        let executor = BlockingExecutor(name: "complete")
        let words = await Task(executorPreference: executor) { candidates(isReachable ? connection : nil) }.value
        for word in words.filter(Self.isSafe).prefix(Self.limit) {
            do throws(OutputError) { try console.result(word) } catch { return .failed }
        }
        return .done
    }

    private func candidates(_ connection: ConnectionOptions?) -> [String] {
        switch kind {
        case "event-types": EventType.allCases.map(\.rawValue)
        case "error-codes": ErrorCode.allCases.map(\.rawValue)
        case "destinations": ["replay", "origin"] + topics(connection)
        case "topics": topics(connection)
        case "runs": runs(connection)
        case "groups": ask(connection) { admin throws(KafkaError) in try admin.groups(timeout: Self.patience) }
        default: []
        }
    }

    private func topics(_ connection: ConnectionOptions?) -> [String] {
        ask(connection) { admin throws(KafkaError) in
            try admin.topics(timeout: Self.patience).keys.filter { !$0.hasPrefix("__") }.sorted()
        }
    }

    private func runs(_ connection: ConnectionOptions?) -> [String] {
        let topic = RedriveFlags.runsTopic.standard ?? ""
        guard let connection, let store = try? RunStore(connection.kafka, topic: topic, patience: Self.patience) else {
            return []
        }
        defer { _ = store.close(timeout: .milliseconds(200)) }
        guard (try? store.exists()) == true, let entries = try? store.all() else { return [] }
        return entries.values.compactMap(\.record).sorted { $0.startedAt > $1.startedAt }.map(\.name)
    }

    private func ask(
        _ connection: ConnectionOptions?, _ question: (KafkaAdmin) throws(KafkaError) -> [String]
    ) -> [String] {
        guard let connection, let admin = try? KafkaAdmin(connection.kafka) else { return [] }
        defer { admin.close(timeout: .milliseconds(200)) }
        return (try? question(admin)) ?? []
    }

    /// Shells expand the words that they are given (bash's `compgen -W` runs `$(…)`), and anybody may name a group.
    package static func isSafe(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.count <= 249
            && word.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "._-:@+=,".utf8.contains(byte)
                }
            }
    }
}
