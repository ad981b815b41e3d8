import Postgres
import TestSupport

/// Compares what is in PostgreSQL, Kafka and Redis with what was answered and published.
struct Account {
    private let stack: ServerStack
    private let feed: PointsFeed
    private let ledger: AwardLedger
    private let merchants: Int

    init(_ stack: ServerStack, _ feed: PointsFeed, _ ledger: AwardLedger, merchants: Int) {
        self.stack = stack
        self.feed = feed
        self.ledger = ledger
        self.merchants = merchants
    }

    func judge(_ report: inout ServerReport) async throws {
        report.fail(ledger.faults)
        report.fail(
            ledger.neverAwarded(except: Set(ServerStack.rules.map(\.badge))).map { "\($0) was never AWARDED" })
        let points = PointsAccount(stack, feed.events, merchants: merchants)
        let rows = try await rows()
        report.fail(judgeRows(rows))
        let calls = ledger.outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        report.figures.append("\(ledger.count) awards answered (\(calls)), \(rows.count) rows")
        report.figures.append(
            "\(feed.events.count) events published, \(feed.repeated) of them twice, \(points.totals.count) totals")
        try await judgeEvents(rows, &report)
        report.fail(try await points.faults())
    }

    // MARK: - Awards

    private func rows() async throws -> [AwardName: String] {
        let text = try await stack.sql("SELECT merchant_id, customer_id, badge, event_id FROM badge_awards")
        return Dictionary(
            uniqueKeysWithValues: text.split(separator: "\n").map { line in
                let parts = line.split(separator: "|").map(String.init)
                return (AwardName(merchant: parts[0], customer: parts[1], badge: parts[2]), parts[3])
            })
    }

    /// Every answered award has its row, and every row was answered, is due by the rules, or was asked for.
    private func judgeRows(_ rows: [AwardName: String]) -> [String] {
        var faults: [String] = []
        let answered = ledger.eventIDs
        for (name, id) in answered where rows[name] != id {
            faults.append("\(name) was answered with \(id), its row has \(rows[name] ?? "nothing")")
        }
        let due = dueAwards
        for name in due where rows[name] == nil { faults.append("\(name) is due by the rules and has no row") }
        for name in rows.keys where answered[name] == nil && !due.contains(name) {
            faults.append("\(name) has a row, and nobody asked for it")
        }
        return faults
    }

    /// By event id, each row has one event on each topic; repeats are byte for byte the same.
    private func judgeEvents(_ rows: [AwardName: String], _ report: inout ServerReport) async throws {
        let (awarded, tasks) = (try await events("badge.awarded"), try await events("badge.task"))
        var names: [String: AwardName] = [:]
        for (name, id) in rows { names[id] = name }
        if names.count != rows.count { report.fail(["rows share an event id"]) }
        for (topic, values) in [("badge.awarded", awarded), ("badge.task", tasks)] {
            var seen: [String: [UInt8]] = [:]
            for value in values {
                guard let id = EventTexts.read(value, count: 1)?.first else {
                    report.fail(["a record of \(topic) that cannot be read"])
                    continue
                }
                if let first = seen.updateValue(value, forKey: id), first != value {
                    report.fail(["event \(id) is on \(topic) with other bytes"])
                }
            }
            if seen.count != rows.count {
                report.fail(["\(seen.count) events on \(topic), \(rows.count) rows"])
            }
            report.figures.append("\(topic): \(values.count) records, \(values.count - seen.count) of them repeats")
            guard topic == "badge.awarded" else { continue }
            for (id, name) in names {
                guard let value = seen[id] else {
                    report.fail(["\(name) has no event"])
                    continue
                }
                let texts = EventTexts.read(value, count: 4) ?? []
                if texts != [id, name.merchant, name.customer, name.badge] {
                    report.fail(["\(name) has another award's event"])
                }
            }
        }
    }

    private func events(_ topic: String) async throws -> [[UInt8]] {
        let reader = try EventTopic(stack.kafka.bootstrapServers, topic, partitions: stack.partitions)
        guard await eventually(deadline: 60, { await reader.isComplete() }) else {
            throw TestSupportError("\(topic) cannot be read")
        }
        return reader.values
    }

    // MARK: - Points

    private var dueAwards: Set<AwardName> {
        let totals = PointsAccount.reduce(feed.events, +)
        let largest = PointsAccount.reduce(feed.events, max)
        var due: Set<AwardName> = []
        for rule in ServerStack.rules {
            for (owner, points) in rule.member == "total_points" ? totals : largest where points >= rule.points {
                due.insert(AwardName(merchant: owner.merchant, customer: owner.customer, badge: rule.badge))
            }
        }
        return due
    }
}
