import CommandLine
import Kafka
import Redrive
import ToolKit

/// What `topics` found and did.
struct TopicsOutcome: Sendable {
    struct Topic: Sendable {
        let requirement: TopicRequirement
        var exists = false
        var isCreated = false
        var partitions: Int32 = 0
        var settings: [String: TopicSetting] = [:]
        var findings: [TopicFinding] = []

        var isWrong: Bool { !exists || findings.contains { $0.weight == .wrong } }
    }

    let options: TopicsOptions
    var clusterID: String?
    var topics: [Topic] = []
    var refusal: Refusal?

    /// 6 where a topic is missing or wrong.
    var exitCode: ExitCode {
        if let refusal { return refusal.code }
        return topics.contains(where: \.isWrong) ? .refused : .done
    }

    // MARK: - For people

    /// Several lines, without a break at the end.
    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("TOPIC"), .text("PURPOSE"), .number("PARTITIONS"), .text("CLEANUP"), .text("RETENTION"),
            .text("STATE"),
        ])
        for topic in topics {
            let name = topic.requirement.topic
            let purpose = topic.requirement.role.split(separator: "_").joined(separator: " ")
            guard topic.exists else {
                table.add([name, purpose, "", "", "", "missing"])
                continue
            }
            table.add([
                name, purpose, "\(topic.partitions)", topic.settings["cleanup.policy"]?.value ?? "?", retention(topic),
                state(topic),
            ])
        }
        var parts = [table.text(style)]
        for topic in topics where !topic.findings.isEmpty { parts.append(findings(topic, style)) }
        let missing = topics.filter { !$0.exists }
        if !missing.isEmpty, !options.creates {
            parts.append("Topics that are missing are made by: reprocess-dlq topics --create")
        }
        if options.isDryRun, options.creates, refusal == nil, !missing.isEmpty {
            parts.append("The brokers would create them; nothing was changed.")
        }
        return parts.joined(separator: "\n\n")
    }

    private func state(_ topic: Topic) -> String {
        if topic.isWrong { return "wrong" }
        if topic.settings.isEmpty { return "not known" }
        return topic.isCreated ? "created" : "right"
    }

    private func retention(_ topic: Topic) -> String {
        guard let value = topic.settings["retention.ms"]?.value.flatMap({ Int64($0) }) else { return "?" }
        let rules = TopicRules(topic: "", partitionCount: topic.partitions, settings: topic.settings)
        return !rules.isDeleting || value < 0 ? "no limit" : HumanText.duration(.milliseconds(value))
    }

    private func findings(_ topic: Topic, _ style: TextStyle) -> String {
        let name = topic.requirement.topic
        var lines = [style.bold(name)]
        for finding in topic.findings {
            let label = finding.weight == .wrong ? style.yellow("wrong:") : "note:"
            lines.append("  \(label) \(finding.text)\(finding.remedy.map { "; set \($0.name)=\($0.value)" } ?? "")")
        }
        let remedies = topic.findings.compactMap { finding in
            finding.weight == .wrong ? finding.remedy.map { "\($0.name)=\($0.value)" } : nil
        }
        if !remedies.isEmpty {
            lines.append(
                "  kafka-configs.sh --bootstrap-server \(options.connection.kafka.bootstrapServers) --alter "
                    + "--entity-type topics --entity-name \(name) --add-config \(remedies.joined(separator: ","))")
        }
        return lines.joined(separator: "\n")
    }

    // MARK: - For programs

    /// The stable document of `topics --output json`; `docs/json-output.md` describes it.
    var json: JSONValue {
        ResultDocument.make(
            command: "topics", clusterID: clusterID, code: exitCode, error: refusal?.description,
            [
                .init("dry_run", .bool(options.isDryRun)),
                .init("topics", .array(topics.map(document))),
            ])
    }

    private func document(_ topic: Topic) -> JSONValue {
        let wanted = topic.requirement.settings
        return .object([
            .init("topic", .string(topic.requirement.topic)),
            .init("role", .string(topic.requirement.role)),
            .init("exists", .bool(topic.exists)),
            .init("created", .bool(topic.isCreated)),
            .init("partitions", topic.exists ? .integer(Int64(topic.partitions)) : .null),
            .init(
                "settings",
                .object(wanted.map { .init($0.name, JSONValue(topic.settings[$0.name]?.value)) })),
            .init("wanted", .object(wanted.map { .init($0.name, .string($0.value)) })),
            .init(
                "findings",
                .array(
                    topic.findings.map { finding in
                        .object([
                            .init("weight", .string(finding.weight.rawValue)), .init("text", .string(finding.text)),
                            .init("set", JSONValue(finding.remedy.map { "\($0.name)=\($0.value)" })),
                        ])
                    })),
        ])
    }
}
