import TestSupport

/// The permissions on the secured broker: those that `docs/acls.md` tells how to give, given as it tells, and a few that
/// are not enough.
struct Grants {
    private let kafka: ScratchKafka

    init(_ kafka: ScratchKafka) { self.kafka = kafka }

    /// What the user `drain` gets beside the page: topics and a group with which a drain cannot work.
    private static let notEnough = """
        acl() { kafka-acls.sh --bootstrap-server "$KAFKA_BROKER" --add --allow-principal User:drain "$@"; }
        acl --operation Read --operation Describe --topic half. --group half. --resource-pattern-type prefixed
        acl --operation DescribeConfigs --topic half.progress
        """

    /// Topics of which nobody is allowed anything, or not all that is needed.
    static let hidden = "vault.dlq"
    static let undescribed = "half.dlq"
    static let unwritable = "half.progress"
    static let unnamed = "gamification.other"

    func make() async throws {
        for topic in [Self.hidden, Self.undescribed, Self.unnamed] {
            try await kafka.createTopic(named: topic)
            // Where there is nothing to read, nothing is refused.
            try await Letters.publish([Letters.record([1], headers: [])], to: topic, on: kafka.bootstrapServers)
        }
        try await kafka.createTopic(named: Self.unwritable, settings: ["cleanup.policy": "compact"])
        let page = try readText("\(ServiceHome.packageRoot)/docs/acls.md")
        let blocks = page.split(separator: "```sh\n").dropFirst().compactMap {
            $0.split(separator: "```").first
        }
        guard blocks.count == SecuredBroker.User.allCases.count else {
            throw TestSupportError("docs/acls.md has \(blocks.count) blocks of commands")
        }
        let directory = try ScratchDirectory("acls")
        try directory.write("admin.properties", "")
        guard let home = ServiceHome.kafka.path else { throw TestSupportError("no Kafka") }
        for block in blocks + [Self.notEnough] {
            try await ProcessRunner.output(
                of: ["bash", "-c", "set -e; cd \(directory.path); PATH=\"\(home)/bin:$PATH\"\n\(block)"],
                environment: [
                    "KAFKA_BROKER": kafka.bootstrapServers, "KAFKA_HEAP_OPTS": "-Xmx128m", "LOG_DIR": directory.path,
                ], deadline: 120)
        }
    }
}
