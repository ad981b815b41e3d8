import CommandLine
import Events
import Kafka

/// Compares what arrived with what was seeded, record by record.
struct Check {
    private let plan: Plan
    private var found: [Int: [Story.Outcome]] = [:]
    /// What is wrong, by kind.
    private(set) var faults: [String: Int] = [:]

    init(_ plan: Plan, redriven: Arrivals, parked: Arrivals) {
        self.plan = plan
        let numbers = Dictionary(uniqueKeysWithValues: plan.entries.map { ($0.event.traceID, $0.number) })
        for record in redriven.records { take(record, .redriven, numbers) }
        for record in parked.records {
            take(record, .parked(reason: record.text("gamification.parked.reason") ?? "no reason"), numbers)
        }
        for entry in plan.entries { judge(entry) }
    }

    private mutating func take(_ record: Arrivals.Record, _ outcome: Story.Outcome, _ numbers: [String: Int]) {
        // 00-TRACE-SPAN-FLAGS
        let trace = record.text(Plan.traceHeader).map { $0.split(separator: "-") } ?? []
        guard trace.count == 4, let number = numbers[String(trace[1])] else { return fault("not of the seeding") }
        found[number, default: []].append(outcome)
        let entry = plan.entries[number]
        if record.key != entry.record.key || record.value != entry.record.value { fault("key or value changed") }
        if outcome == .redriven {
            let origin = ["topic", "partition", "offset"].map { record.text("__dlq.errors.\($0)") }
            if origin != [entry.origin.topic, "\(entry.origin.partition)", "\(entry.origin.offset)"] {
                fault("wrong origin")
            }
            if record.text("gamification.retry.count") != "\(entry.story.retries + 1)" { fault("wrong retry count") }
        }
    }

    private mutating func judge(_ entry: Plan.Entry) {
        let outcomes = found[entry.number] ?? []
        if outcomes.isEmpty { fault("lost") }
        if outcomes.count > 1 { fault("there twice") }
        if outcomes.contains(where: { $0 != entry.story.outcome }) { fault("went the wrong way") }
    }

    private mutating func fault(_ kind: String) { faults[kind, default: 0] += 1 }

    /// Counts by what became of the records: what the seeding asks for, and what was found.
    func outcomes() -> TextTable {
        let expected = Dictionary(plan.entries.map { ($0.story.outcome, 1) }, uniquingKeysWith: +)
        let counted = Dictionary(found.values.joined().map { ($0, 1) }, uniquingKeysWith: +)
        var table = TextTable([.text("what became of them"), .number("seeded"), .number("found")])
        let keys = Set(expected.keys).union(counted.keys)
        for key in keys.sorted(by: { (expected[$0] ?? 0, $1.description) > (expected[$1] ?? 0, $0.description) }) {
            table.add([key.description, Self.number(expected[key]), Self.number(counted[key])])
        }
        return table
    }

    /// Counts by the program that wrote the dead letters.
    func authors() -> TextTable {
        var table = TextTable([.text("dead letters of"), .number("processed again"), .number("parked")])
        var rows: [(author: String, redriven: Int, parked: Int)] = []
        for entry in plan.entries {
            let author = entry.story.author.description
            let index = rows.firstIndex { $0.author == author } ?? rows.endIndex
            if index == rows.endIndex { rows.append((author, 0, 0)) }
            for outcome in found[entry.number] ?? [] {
                if outcome == .redriven { rows[index].redriven += 1 } else { rows[index].parked += 1 }
            }
        }
        for row in rows.sorted(by: { $0.redriven + $0.parked > $1.redriven + $1.parked }) {
            table.add([row.author, Self.number(row.redriven), Self.number(row.parked)])
        }
        return table
    }

    private static func number(_ count: Int?) -> String { HumanText.count(Int64(count ?? 0)) }
}
