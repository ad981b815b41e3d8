import Kafka
import TestSupport
import Testing

/// With exactly what `docs/acls.md` grants, everything works; what is missing is named.
@Suite("Permissions", ScratchKafka.requirement, .serialized, .timeLimit(.minutes(5)))
struct PermissionTests {
    private static let topic = "gamification.dlq"

    /// One record that can be redriven, and one that has to be parked.
    private static var letters: [OutgoingRecord] {
        [
            Letters.record([1], headers: Letters.headers(offset: 1, code: "internal")),
            Letters.record([2], headers: []),
        ]
    }

    /// The standard topics, made as `setup`, with fresh records in the dead-letter topic.
    private func prepared() async throws -> SecuredBroker {
        let broker = try await SecuredBroker.shared()
        let topics = try await broker.json(.setup, ["topics", "--create", "--yes", "--partitions", "1"])
        #expect(topics["topics"].array.map { $0["exists"].bool } == [true, true, true, true, true])
        try await Letters.publish(Self.letters, to: Self.topic, on: broker.kafka.bootstrapServers)
        return broker
    }

    @Test("the documented ones are enough to make the topics, to look, and to drain")
    func enough() async throws {
        let broker = try await prepared()
        let list = try await broker.json(.viewer, ["list", "--no-decode"])
        let left = try #require(list["selected"].int)
        #expect(left >= 2 && list["progress_known"].bool == true)
        let last = try #require(list["partitions"][0]["end"].int) - 1
        #expect(try await broker.json(.viewer, ["show", "0:\(last)"])["plan"]["action"].string == "park")
        let tried = try await broker.json(.viewer, ["--dry-run", "--no-decode"], exit: 3)
        #expect(tried["parked"].int == left / 2)

        let drain = try await broker.json(.drain, ["--no-decode", "--yes", "--run", "allowed"], exit: 3)
        #expect(drain["redriven"].int == left / 2 && drain["parked"].int == left / 2 && drain["remaining"].int == 0)
        let limited = try await broker.json(.drain, ["--no-decode", "--yes", "--limit", "1"])
        #expect(limited["selected"].int == 0)
        #expect(try await broker.json(.viewer, ["list", "--no-decode"])["selected"].int == 0)
    }

    /// A user, what the user tries, and the permission that is missing.
    private static let denied: [(SecuredBroker.User, [String], String)] = [
        (.drain, ["--topic", Grants.hidden], "grant DESCRIBE on topic vault.dlq"),
        (.drain, ["--topic", Grants.undescribed], "grant DESCRIBE_CONFIGS on topic half.dlq"),
        (.drain, ["--topic", Grants.unnamed], "grant READ on topic gamification.other"),
        (.drain, ["--to", Grants.unnamed], "grant WRITE on topic gamification.other"),
        (.drain, ["--parked-topic", Grants.unnamed], "grant WRITE on topic gamification.other"),
        (
            .drain, ["--progress-topic", Grants.unwritable, "--group", "gamification.drain.2"],
            "grant WRITE on topic half.progress"
        ),
        (.drain, ["--progress-topic", Grants.hidden], "grant DESCRIBE on topic vault.dlq"),
        (.drain, ["--group", "another"], "on group another"),
        (.drain, ["--group", "half.group"], "grant WRITE and DESCRIBE on transactional id half.group"),
        // Group and transactional id are asked for at the same time.
        (.viewer, ["drain"], "gamification.drain.gamification.dlq"),
        (.viewer, ["list", "--topic", Grants.hidden], "grant DESCRIBE on topic vault.dlq"),
        (.viewer, ["list", "--topic", Grants.unnamed], "grant READ on topic gamification.other"),
        (.viewer, ["list", "--group", "another"], "grant DESCRIBE on group another"),
        (.viewer, ["show", "0:0", "--topic", Grants.unnamed], "grant READ on topic gamification.other"),
        (.viewer, ["topics", "--create", "--topic", "gamification.new"], "CREATE on"),
        (.setup, ["topics", "--topic", Grants.hidden], "grant DESCRIBE on topic vault.dlq"),
    ]

    @Test("one that is missing is exit 4, and named", arguments: denied)
    func missing(user: SecuredBroker.User, arguments: [String], permission: String) async throws {
        let broker = try await prepared()
        let decodes = arguments.first == "topics" ? [] : ["--no-decode"]
        let answered = ["list", "show"].contains(arguments.first) ? [] : ["--yes"]
        let result = try await broker.json(user, arguments + decodes + answered, exit: 4)
        #expect(result["exit_reason"].string == "not_authorised")
        #expect(result["error"].string?.contains(permission) == true, "\(result["error"])")
        #expect(result["redriven"].int ?? 0 == 0)
    }

    @Test("without the runs topic's a drain goes on, and says that it leaves no history")
    func withoutHistory() async throws {
        let broker = try await prepared()
        let result = try await Program.run(
            ["--no-decode", "--yes", "--runs-topic", Grants.unnamed] + broker.flags(),
            environment: SecuredBroker.environment(.drain))
        #expect(result.exitCode == 3, "\(result.errors)")
        #expect(result.errors.contains("leaves no history"), "\(result.errors)")
    }
}
