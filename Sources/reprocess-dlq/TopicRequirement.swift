import CommandLine
import Kafka
import Redrive

/// A topic that the tools need, and what it should be like.
struct TopicRequirement: Sendable {
    enum Kind: Sendable {
        /// Keeps every record with its own timestamp.
        case log
        /// Keeps the last record of every key.
        case table
    }

    /// What it is for, in a word; stable, for JSON.
    let role: String
    let topic: String
    let kind: Kind
    /// How many partitions it is created with.
    let partitions: Int32

    /// A time limit below this is too short, in milliseconds: dead letters wait for people.
    static let shortest: Int64 = 30 * 86_400_000

    /// The settings it is created with, in the order in which they are shown.
    var settings: [(name: String, value: String)] {
        switch kind {
        case .log:
            [("cleanup.policy", "delete"), ("message.timestamp.type", "CreateTime"), ("retention.ms", "-1")]
        case .table:
            [
                ("cleanup.policy", "compact"), ("segment.bytes", "16777216"), ("min.cleanable.dirty.ratio", "0.1"),
                ("max.compaction.lag.ms", "3600000"),
            ]
        }
    }

    /// What is wrong with a topic of these settings.
    func findings(_ settings: [String: TopicSetting], partitions: Int32) -> [TopicFinding] {
        guard !settings.isEmpty else {
            return [TopicFinding(.note, "its settings are not known: this broker does not tell them")]
        }
        let rules = TopicRules(topic: topic, partitionCount: partitions, settings: settings)
        var findings = kind == .log ? logFindings(rules, settings) : tableFindings(rules, settings)
        if settings["unclean.leader.election.enable"]?.value == "true" {
            findings.append(
                TopicFinding(
                    .note, "acknowledged records may be lost with a broker",
                    set: ("unclean.leader.election.enable", "false")))
        }
        return findings
    }

    private func logFindings(_ rules: TopicRules, _ settings: [String: TopicSetting]) -> [TopicFinding] {
        var findings: [TopicFinding] = []
        if rules.isCompacted {
            findings.append(
                TopicFinding(
                    .wrong, "compaction drops all but the last record of a key", set: ("cleanup.policy", "delete")))
        }
        if rules.overwritesTimestamps {
            findings.append(
                TopicFinding(
                    .wrong, "the broker overwrites the records' timestamps",
                    set: ("message.timestamp.type", "CreateTime")))
        }
        if let retention = rules.retention {
            let length = HumanText.duration(.milliseconds(retention))
            findings.append(
                TopicFinding(
                    retention < Self.shortest ? .wrong : .note,
                    "records older than \(length) are deleted, whenever they were published",
                    set: ("retention.ms", "-1")))
        }
        if let age = rules.maximumAge {
            findings.append(
                TopicFinding(
                    age < Self.shortest ? .wrong : .note,
                    "records older than \(HumanText.duration(.milliseconds(age))) are refused",
                    set: ("message.timestamp.before.max.ms", "\(Int64.max)")))
        }
        if rules.isDeleting, let bytes = settings["retention.bytes"]?.value.flatMap({ Int($0) }), bytes >= 0 {
            findings.append(
                TopicFinding(
                    .note, "what is beyond \(HumanText.bytes(bytes)) a partition is deleted",
                    set: ("retention.bytes", "-1")))
        }
        return findings
    }

    private func tableFindings(_ rules: TopicRules, _ settings: [String: TopicSetting]) -> [TopicFinding] {
        var findings: [TopicFinding] = []
        if !rules.isCompacted {
            findings.append(
                TopicFinding(
                    rules.retention == nil ? .note : .wrong,
                    rules.retention == nil
                        ? "it is not compacted, so it grows without end"
                        : "it is not compacted, and forgets what is done",
                    set: ("cleanup.policy", "compact")))
        } else if rules.isDeleting, rules.retention != nil {
            findings.append(
                TopicFinding(.wrong, "it deletes as well, and forgets what is done", set: ("cleanup.policy", "compact"))
            )
        }
        func check(_ name: String, atMost limit: Double, _ wanted: String) {
            guard let value = settings[name]?.value, let number = Double(value), number > limit else { return }
            findings.append(
                TopicFinding(.note, "\(name)=\(value) makes it slow to read", set: (name, wanted)))
        }
        check("segment.bytes", atMost: 16_777_216, "16777216")
        check("min.cleanable.dirty.ratio", atMost: 0.1, "0.1")
        check("max.compaction.lag.ms", atMost: 3_600_000, "3600000")
        return findings
    }
}

/// Something about a topic that should be otherwise.
struct TopicFinding: Sendable {
    enum Weight: String, Sendable {
        /// Records or progress may be lost, or runs be refused.
        case wrong
        /// Works, and could be better.
        case note
    }

    let weight: Weight
    let text: String
    /// The setting that mends it.
    let remedy: (name: String, value: String)?

    init(_ weight: Weight, _ text: String, set remedy: (String, String)? = nil) {
        self.weight = weight
        self.text = text
        self.remedy = remedy.map { (name: $0.0, value: $0.1) }
    }
}
