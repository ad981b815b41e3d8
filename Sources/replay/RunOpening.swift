import CommandLine
import Configuration
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

/// What is known before anything is planned: the cluster, and the run of this name, if there is one. Blocking.
final class RunOpening {
    let name: String
    let copy: String
    let clusterID: String
    /// As they were given, or as the run's record completes them.
    let options: ReplayOptions
    let entry: RunStore.Entry
    let admin: KafkaAdmin
    /// A `read_committed` reader.
    let reader: KafkaConsumer

    init(
        name: String, reader arguments: OptionReader, given: ReplayOptions, console: Console, stop: StopFlag,
        say: Reporter
    ) throws {
        self.name = name
        copy = try RunName.copy()
        let kafka = given.connection.kafka
        admin = try KafkaAdmin(kafka)
        reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        let id = try BrokerWait(
            servers: kafka.bootstrapServers, patience: StartCommand.patience, stop: stop, say: { say.info($0) }
        ).clusterID(admin)
        clusterID = id
        if let expected = given.connection.expectedClusterID, expected != id {
            throw Refusal(.refused, "this is cluster \(id), not \(expected); nothing was read or published")
        }
        if id.hasPrefix(TopicSurvey.mockPrefix), given.delivery == .exactlyOnce, !given.isDryRun {
            if case .archive = given.destination {
            } else {
                throw Refusal(
                    .refused,
                    "the brokers are librdkafka's mock cluster (\(id)), which has no transactions; nothing was published. "
                        + "Use --delivery at-least-once")
            }
        }
        let store = try RunStore(kafka, topic: given.runsTopic, patience: StartCommand.patience)
        defer { _ = store.close(timeout: .seconds(5)) }
        guard try store.exists() else {
            // A dry run of no run in particular needs no history.
            guard given.isDryRun, given.run == nil else { throw RunAccess.missing(given.runsTopic) }
            entry = RunStore.Entry()
            options = given
            return
        }
        entry = given.run == nil ? RunStore.Entry() : try store.read(name)
        if let damage = entry.damage {
            throw Refusal(
                .refused,
                "the record of run \(name) on \(given.runsTopic) cannot be read: \(damage). Use a newer version of this "
                    + "program, or another --run")
        }
        options = try Self.complete(given, entry.record, arguments, console)
        if options.lacksRegistry {
            throw Refusal(
                .usage,
                "--schema-registry is needed to decode records: give its URL, or set SCHEMA_REGISTRY_URL, or say --no-decode; "
                    + "nothing was tried")
        }
    }

    /// A run that goes on is what it was: with its definition where none was given, refused with another.
    private static func complete(
        _ given: ReplayOptions, _ record: RunRecord?, _ arguments: OptionReader, _ console: Console
    ) throws -> ReplayOptions {
        guard let record else { return given }
        try check(given, record)
        let definition = RunDefinition(record)
        var words = [Replay.start.name] + definition.arguments
        let defining = Set(Flags.definition.map(\.long))
        for flag in Replay.table.flags(of: Replay.start) where !defining.contains(flag.long) {
            for value in arguments.values(of: flag) where value.origin == .flag {
                words.append("--\(flag.long)=\(value.text)")
            }
        }
        let invocation = Invocation.read(
            Replay.table, arguments: words, environment: .process(), style: console.outputStyle)
        guard case .run(let reader) = invocation else {
            throw Refusal(
                .refused, "the definition of run \(record.name) cannot be read by this version of the program")
        }
        var completed = reader
        let options = ReplayOptions(&completed, now: .now())
        do throws(UsageError) {
            try completed.finish()
        } catch {
            throw Refusal(
                .refused,
                "the definition of run \(record.name) does not fit this call: \(error.problems.map(\.description).joined(separator: "; "))"
            )
        }
        return options
    }

    /// Refuses a start under the name of another run.
    static func check(_ given: ReplayOptions, _ record: RunRecord) throws {
        guard record.program == Replay.table.program else {
            throw Refusal(.refused, "run \(record.name) is one of \(record.program); choose another --run")
        }
        let definition = RunDefinition(record)
        guard given.definition.isEmpty || given.definition == definition else {
            let differences = given.definition.differences(from: definition).joined(separator: "; ")
            throw Refusal(
                .refused,
                "run \(record.name) was started with other filters or places (\(differences)). Say nothing to go on with it "
                    + "as it is, or choose another --run")
        }
    }

    /// Whether copies have finished the run since it was opened. One that is late then meets no progress any more.
    func hasFinished() throws -> Bool {
        let store = try RunStore(options.connection.kafka, topic: options.runsTopic, patience: StartCommand.patience)
        defer { _ = store.close(timeout: .seconds(5)) }
        return try store.read(name).record?.finishedAt != nil
    }

    func close() {
        reader.close(timeout: .seconds(5))
        admin.close(timeout: .seconds(5))
    }
}
