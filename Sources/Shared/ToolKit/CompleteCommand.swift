package import CommandLine
import Events
import Kafka
import Lifecycle
import Runs

/// `PROGRAM __complete KIND`: words for a shell's completion, of the cluster that the line so far points at. Within two
/// seconds, whatever the brokers do; where they cannot be asked, what is known without them. It never complains, because
/// somebody is in the middle of typing.
package struct CompleteCommand: Sendable {
    /// A program's own words of a kind. Blocking, on a blocking executor; what it throws leaves what is known without it.
    ///
    /// - Parameters:
    ///   - kind: of the words, as the flag table names it.
    ///   - reader: the flags so far, of the command that is being typed.
    /// - Returns: nil for kinds that the program has no words of its own for.
    package typealias Source =
        @Sendable (
            _ kind: String, _ reader: OptionReader, _ connection: ConnectionOptions, _ patience: Duration
        ) async throws -> [String]?

    private let console: Console
    private let kind: String
    private let program: String
    private let source: Source
    /// How long one question to the brokers may take, and all of it.
    private static let patience = Duration.milliseconds(1_500)
    private static let deadline = Duration.seconds(2)
    /// A shell does nothing sensible with more.
    private static let limit = 2_000

    /// - Parameters:
    ///   - kind: of the words that are wanted, as the flag table names it.
    ///   - source: words that only this program knows; they come before the others.
    package init(
        console: Console, kind: String, program: String, source: @escaping Source = { _, _, _, _ in nil }
    ) {
        self.console = console
        self.kind = kind
        self.program = program
        self.source = source
    }

    /// Prints the words, one a line. The process is to end then: a question may still be under way.
    package func run(_ reader: OptionReader) async -> ExitCode {
        for word in await words(reader).filter(Self.isSafe).prefix(Self.limit) {
            do throws(OutputError) { try console.result(word) } catch { return .failed }
        }
        return .done
    }

    private func words(_ reader: OptionReader) async -> [String] {
        var reader = reader
        let connection = ConnectionOptions(&reader, program: program)
        // Not finish: the flag that is being completed has no value yet, and other mistakes can wait.
        guard !connection.kafka.bootstrapServers.isEmpty else { return known }
        let (answers, answer) = AsyncStream.makeStream(of: [String].self)
        let line = reader
        let executor = BlockingExecutor(name: "complete")
        Task(executorPreference: executor) { answer.yield(await candidates(line, connection)) }
        Task {
            try? await Task.sleep(for: Self.deadline)
            answer.yield(known)
        }
        return await answers.first { _ in true } ?? known
    }

    /// What needs no broker.
    private var known: [String] {
        switch kind {
        case "event-types": EventType.allCases.map(\.rawValue)
        case "error-codes": ErrorCode.allCases.map(\.rawValue)
        case "destinations": ["replay", "origin"]
        default: []
        }
    }

    private func candidates(_ reader: OptionReader, _ connection: ConnectionOptions) async -> [String] {
        if let own = try? await source(kind, reader, connection, Self.patience), !own.isEmpty { return own }
        return switch kind {
        case "destinations": known + topics(connection)
        case "topics": topics(connection)
        case "runs": runs(reader, connection)
        case "groups": ask(connection) { admin throws(KafkaError) in try admin.groups(timeout: Self.patience) }
        default: known
        }
    }

    private func topics(_ connection: ConnectionOptions) -> [String] {
        ask(connection) { admin throws(KafkaError) in
            try admin.topics(timeout: Self.patience).keys.filter { !$0.hasPrefix("__") }.sorted()
        }
    }

    private func runs(_ reader: OptionReader, _ connection: ConnectionOptions) -> [String] {
        var reader = reader
        let topic = reader.topic(RedriveFlags.runsTopic)
        guard let store = try? RunStore(connection.kafka, topic: topic, patience: Self.patience) else { return [] }
        defer { _ = store.close(timeout: .milliseconds(200)) }
        guard (try? store.exists()) == true, let entries = try? store.all() else { return [] }
        return entries.values.compactMap(\.record).sorted { $0.startedAt > $1.startedAt }.map(\.name)
    }

    private func ask(
        _ connection: ConnectionOptions, _ question: (KafkaAdmin) throws(KafkaError) -> [String]
    ) -> [String] {
        guard let admin = try? KafkaAdmin(connection.kafka) else { return [] }
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
