import Events
import Kafka
import Redrive
import ToolKit

/// What `list` counts, in memory that does not grow with the topic.
struct ListTally: Sendable {
    /// How long ago records failed first: from `ListAge`'s limits.
    private(set) var ages = [Int64](repeating: 0, count: ListAge.buckets.count)
    private(set) var reasons = LabelCounter<String>()
    private(set) var origins = LabelCounter<String>()
    private(set) var merchants = LabelCounter<Identifier?>()
    private(set) var eventTypes = LabelCounter<EventType?>()

    /// Selected records, done ones included.
    private(set) var records: Int64 = 0
    /// Selected records that are done.
    private(set) var done: Int64 = 0
    /// Bytes of the keys and values of those that are not.
    private(set) var bytes: Int64 = 0
    /// Records that the filters do not select.
    private(set) var notSelected: Int64 = 0
    /// Selected records that are not done, by partition.
    private(set) var byPartition: [Int32: Int64] = [:]
    /// First failures: milliseconds since 1970.
    private(set) var oldest: Int64?
    private(set) var newest: Int64?

    /// What a drain would do with what is not done.
    private(set) var redrive: [String: Int64] = [:]
    private(set) var park: [String: Int64] = [:]
    private(set) var rejected: Int64 = 0
    /// Records without a body whose origin would be asked for it first, and which would be parked if it is gone.
    private(set) var fetched: Int64 = 0
    /// Records that would be refused, by what says so.
    private(set) var objections: [String: Int64] = [:]

    private var labels = LabelCache()

    /// The reasons that `--error-code` knows, the most frequent first.
    var codes: [String] {
        let known = Set(ErrorCode.allCases.map(\.rawValue))
        return reasons.largest(reasons.limit) { $0 }.entries.map(\.text).filter(known.contains)
    }

    static let noOrigin = "(no origin)"
    static let unstated = "(not stated)"

    /// Records selected and not done.
    var left: Int64 { records - done }

    /// Counts the record at `index`, which `inspector` has just looked at.
    mutating func count(
        _ finding: DeadLetterInspector.Finding, _ inspector: borrowing DeadLetterInspector, _ batch: RecordBatch,
        _ index: Int, isDone: Bool, rules: DrainRules, now: Int64
    ) {
        if finding == .rejected {
            notSelected += 1
            return
        }
        let letter = inspector.letter
        records += 1
        reasons.add(reason(finding, inspector))
        origins.add(letter.origin?.topic ?? Self.noOrigin)
        merchants.add(inspector.fields?.merchantID ?? letter.merchantID)
        eventTypes.add(letter.origin?.eventType ?? letter.eventType ?? inspector.fields?.type)
        let timestamp = batch.timestamp(index)
        count(failedAt: letter.firstFailedAt ?? (timestamp.type == .none ? nil : timestamp.milliseconds), now: now)
        guard !isDone else {
            done += 1
            return
        }
        bytes += Int64((batch.key(index)?.count ?? 0) + (batch.value(index)?.count ?? 0))
        byPartition[batch.partition(index), default: 0] += 1
        plan(rules, finding, letter, timestamp.milliseconds, now)
    }

    private mutating func count(failedAt: Int64?, now: Int64) {
        guard let failedAt else {
            ages[ListAge.unknown] += 1
            return
        }
        oldest = min(oldest ?? failedAt, failedAt)
        newest = max(newest ?? failedAt, failedAt)
        ages[ListAge.bucket(of: failedAt, now: now)] += 1
    }

    private mutating func plan(
        _ rules: DrainRules, _ finding: DeadLetterInspector.Finding, _ letter: DeadLetter, _ timestamp: Int64,
        _ now: Int64
    ) {
        let verdict = rules.verdict(finding, letter)
        switch verdict {
        case .redrive: redrive[rules.destination(of: verdict, letter) ?? "", default: 0] += 1
        case .park(ParkReason.bodyMissing): fetched += 1
        case .park(let reason): park[reason, default: 0] += 1
        case .skip, .requeue, .reject, .drop: rejected += 1
        }
        do throws(TimestampObjection) {
            try rules.checkTimestamp(of: verdict, letter, recordTimestamp: timestamp, now: now)
        } catch {
            objections[error.description, default: 0] += 1
        }
    }

    /// Why a record failed: our code, else the class of another program's exception, else what is found wrong with it.
    private mutating func reason(
        _ finding: DeadLetterInspector.Finding, _ inspector: borrowing DeadLetterInspector
    ) -> String {
        if let code = inspector.letter.errorCode {
            guard code == .other, let text = inspector.header(.errorCode), !text.isEmpty else { return code.rawValue }
            return labels.text(text, PersonalData.masked)
        }
        if let name = inspector.exceptionClass, !name.isEmpty { return labels.text(name, PersonalData.masked) }
        switch finding {
        case .hopeless(let reason): return reason
        case .noBody: return ParkReason.bodyMissing
        case .unreadable: return "headers.unreadable"
        case .rejected, .selected, .needsSchema: return Self.unstated
        }
    }
}

/// The classes of age that `list` tells apart.
enum ListAge {
    /// Names and upper limits (exclusive, in milliseconds).
    static let buckets: [(name: String, limit: Int64)] = [
        ("in the future", 0), ("under 1 hour", 3_600_000), ("1 to 6 hours", 21_600_000),
        ("6 to 24 hours", 86_400_000), ("1 to 3 days", 3 * 86_400_000), ("3 to 7 days", 7 * 86_400_000),
        ("7 to 30 days", 30 * 86_400_000), ("over 30 days", .max), ("unknown", .max),
    ]
    static let unknown = 8

    /// The class of a time, by how long ago it is at `now`; both in milliseconds since 1970.
    static func bucket(of time: Int64, now: Int64) -> Int {
        // A producer may have written any time, however long before 1970.
        let (difference, isTooLarge) = now.subtractingReportingOverflow(time)
        let age = isTooLarge ? .max : difference
        // A minute of difference between clocks is not the future.
        if age >= -60_000, age < 0 { return 1 }
        return buckets.firstIndex { age < $0.limit } ?? 7
    }
}
