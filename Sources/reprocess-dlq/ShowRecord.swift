import Events
import Kafka
import Redrive

/// One dead letter, copied out of its batch, with what its headers say.
struct ShowRecord: Sendable {
    struct Header: Sendable {
        let name: [UInt8]
        let value: [UInt8]?
        /// Whose it is; nil for one that has nothing to do with failures.
        let dialect: Dialect?
        /// The name, if its value is read.
        let known: Events.HeaderName?
    }

    let timestamp: Int64
    let timestampType: RecordBatch.TimestampType
    let key: [UInt8]?
    let value: [UInt8]?
    /// Where it has none, that of its origin, as a drain would publish it.
    var fetchedBody: [UInt8]?
    var headers: [Header] = []
    /// False where the record's headers are damaged.
    var headersAreReadable = true

    let letter: DeadLetter
    let finding: DeadLetterInspector.Finding
    /// What was seen of the body, where somebody looked.
    let bodyVerdict: EventVerdict?
    let verdict: Verdict
    /// The settings that would have a drain refuse the record.
    let objection: TimestampObjection?
    let conflicts: [HeaderConflict]
    let attempts: [(name: Events.HeaderName, count: Int64)]
    let errorMessage: [UInt8]?
    let exceptionClass: [UInt8]?
    let consumerGroup: [UInt8]?

    /// The body that counts.
    var body: [UInt8]? { value ?? fetchedBody }

    /// Copies the record that `inspector` has just looked at.
    init(
        _ batch: RecordBatch, _ index: Int, _ finding: DeadLetterInspector.Finding,
        _ inspector: inout DeadLetterInspector, rules: DrainRules, now: Int64
    ) {
        (timestamp, timestampType) = batch.timestamp(index)
        key = batch.key(index).map { Array($0) }
        value = batch.value(index).map { Array($0) }
        letter = inspector.letter
        self.finding = finding
        bodyVerdict = inspector.verdict
        verdict = rules.verdict(finding, inspector.letter)
        do throws(TimestampObjection) {
            try rules.checkTimestamp(of: verdict, inspector.letter, recordTimestamp: timestamp, now: now)
            objection = nil
        } catch {
            objection = error
        }
        let isReadable = finding != .unreadable
        conflicts = isReadable ? inspector.conflicts() : []
        attempts = isReadable ? inspector.attempts : []
        errorMessage = isReadable ? inspector.errorMessage.map { Array($0) } : nil
        exceptionClass = isReadable ? inspector.exceptionClass.map { Array($0) } : nil
        consumerGroup = isReadable ? inspector.consumerGroup.map { Array($0) } : nil
        do throws(KafkaError) {
            var headers: [Header] = []
            try batch.forEachHeader(index) { name, value in
                headers.append(
                    Header(
                        name: Array(name), value: value.map { Array($0) }, dialect: FailureHeader.dialect(of: name),
                        known: Events.HeaderName.allCases.first { $0.text.isEqual(to: name) }))
            }
            self.headers = headers
        } catch {
            headersAreReadable = false
        }
    }
}

extension StaticString {
    /// Whether its bytes are these.
    fileprivate func isEqual(to bytes: UnsafeRawBufferPointer) -> Bool {
        withUTF8Buffer { $0.elementsEqual(bytes) }
    }
}

extension RecordBatch.TimestampType {
    /// As Kafka's tools name it.
    var name: String {
        switch self {
        case .none: "NoTimestampType"
        case .createTime: "CreateTime"
        case .logAppendTime: "LogAppendTime"
        }
    }
}
