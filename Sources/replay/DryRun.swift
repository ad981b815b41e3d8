import CommandLine
import Events
import Kafka
import Redrive
import ToolKit

/// What a run would send, counted by type, merchant and minute. Bounded: 16,384 merchants, 20,000 minutes.
struct DryRun: Sendable {
    private(set) var tally = RunTally()
    private var types = LabelCounter<String>(limit: 1_000)
    private var merchants = LabelCounter<Identifier?>()
    /// By minute since 1970.
    private(set) var minutes: [Int64: Int64] = [:]
    /// Minutes beyond the bound.
    private(set) var otherMinutes: Int64 = 0
    /// The first reason why a destination would not keep a record.
    private(set) var objection: TimestampObjection?
    static let maximumMinutes = 20_000

    /// Counts a record of a topic.
    mutating func count(
        _ batch: RecordBatch, _ index: Int, _ finding: ReplayInspector.Finding,
        _ inspector: borrowing ReplayInspector, rules: ReplayRules, now: Int64
    ) {
        // A run that stops at the first one that cannot be read still says how many there are.
        var rules = rules
        if rules.onUndecodable == .stop { rules.onUndecodable = .skip }
        guard let verdict = try? rules.verdict(finding, origin: inspector.letter.origin?.topic) else { return }
        let time = batch.timestamp(index).milliseconds
        count(
            verdict, inspector, topic: batch.topic(index), time: time,
            bytes: (batch.key(index)?.count ?? 0) + (batch.value(index)?.count ?? 0))
        guard verdict == .redrive, objection == nil else { return }
        do throws(TimestampObjection) {
            try rules.checkTimestamp(inspector.letter, recordTimestamp: time, now: now)
        } catch {
            object(error)
        }
    }

    /// Counts a record by its verdict.
    ///
    /// - Parameters:
    ///   - topic, time: where it stands, and its timestamp, milliseconds since 1970.
    ///   - bytes: of key and value.
    mutating func count(
        _ verdict: Verdict, _ inspector: borrowing ReplayInspector, topic: String, time: Int64, bytes: Int
    ) {
        tally.add(verdict, bytes: bytes)
        guard verdict == .redrive else { return }
        let letter = inspector.letter
        types.add((letter.origin?.eventType ?? letter.eventType ?? inspector.fields?.type)?.rawValue ?? topic)
        merchants.add(inspector.fields?.merchantID ?? letter.merchantID)
        add(minute: (inspector.fields?.createdAt ?? letter.originTimestamp ?? time) / 60_000)
    }

    /// A destination would not keep a record; the first reason stays.
    mutating func object(_ reason: TimestampObjection) { objection = objection ?? reason }

    private mutating func add(minute: Int64) {
        if minutes[minute] == nil, minutes.count >= Self.maximumMinutes {
            otherMinutes += 1
        } else {
            minutes[minute, default: 0] += 1
        }
    }

    // MARK: - Showing

    private static let noMerchant = "(no merchant)"

    private func ranking(_ limit: Int) -> (types: LabelRanking, merchants: LabelRanking) {
        (types.largest(limit) { $0 }, merchants.largest(limit) { $0?.description ?? Self.noMerchant })
    }

    var json: [JSONValue.Member] {
        func object(_ ranking: LabelRanking) -> JSONValue {
            .object(
                ranking.entries.map { .init($0.text, .integer($0.count)) }
                    + (ranking.otherCount > 0 ? [.init("other", .integer(ranking.otherCount))] : []))
        }
        let (types, merchants) = ranking(1_000)
        return [
            .init("by_type", object(types)), .init("by_merchant", object(merchants)),
            .init(
                "by_minute",
                .object(
                    minutes.sorted { $0.key < $1.key }.map {
                        .init(TimePoint(milliseconds: $0.key * 60_000).description, .integer($0.value))
                    })),
            .init("other_minutes", .integer(otherMinutes)),
        ]
    }

    /// Charts for people.
    func text(_ style: TextStyle) -> [String] {
        let (types, merchants) = ranking(10)
        func chart(_ title: String, _ ranking: LabelRanking) -> String {
            var items = ranking.entries.map { BarChart.Item($0.text, Int(clamping: $0.count)) }
            if ranking.otherCount > 0 {
                items.append(.init("\(ranking.otherKinds) others", Int(clamping: ranking.otherCount)))
            }
            return BarChart(title, items, total: Int(clamping: tally.redriven)).text(style)
        }
        guard tally.redriven > 0 else { return [] }
        return [chart("by type", types), chart("by merchant", merchants), timeline(style)]
    }

    /// Bars of equal width, at most 30 of them, of a round number of minutes each.
    private func timeline(_ style: TextStyle) -> String {
        guard let first = minutes.keys.min(), let last = minutes.keys.max() else { return "" }
        let widths: [Int64] = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1_440, 10_080, 43_200, 525_600]
        let width = widths.first { (last / $0 - first / $0) < 30 } ?? (last - first) / 30 + 1
        var bins: [Int64: Int64] = [:]
        for (minute, count) in minutes { bins[minute / width, default: 0] += count }
        let items = (first / width...last / width).map { bin in
            BarChart.Item(
                TimePoint(milliseconds: bin * width * 60_000).description, Int(clamping: bins[bin] ?? 0))
        }
        let unit = width == 1 ? "by minute" : "by \(HumanText.duration(.seconds(width * 60)))"
        return BarChart(unit, items, total: Int(clamping: tally.redriven)).text(style)
    }
}

extension RunTally {
    /// Counts what became, or would become, of a record that a replay has read.
    ///
    /// - Parameter bytes: of key and value.
    mutating func add(_ verdict: Verdict, bytes: Int) {
        switch verdict {
        case .redrive:
            redriven += 1
            self.bytes += Int64(bytes)
        case .drop(let reason?):
            rejected += 1
            rejections[reason, default: 0] += 1
        default: skipped += 1
        }
    }
}
