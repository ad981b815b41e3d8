import CommandLine
import Events
import Kafka
import Redrive
import ToolKit

/// The stable document of `show --output json`; `docs/json-output.md` describes it.
extension ShowOutcome {
    var json: JSONValue {
        let head: [JSONValue.Member] = [
            .init("topic", .string(options.queue.topic)),
            .init("partition", .integer(Int64(options.partition))),
            .init("offset", .integer(options.offset)),
            .init("group", .string(options.queue.group)),
            .init("revealed", .bool(options.reveals)),
        ]
        return ResultDocument.make(
            command: "show", clusterID: clusterID, code: exitCode, error: refusal?.description, head + found)
    }

    private var found: [JSONValue.Member] {
        guard let record else { return [.init("record", nil)] }
        return [
            .init("done", isDone.map { .bool($0) } ?? .null),
            .init("held_back", .bool(isUnstable)),
            .init("record", self.record(record)),
            .init("failure", failure(record)),
            .init("conflicts", .array(record.conflicts.map { .string("\($0)") })),
            .init("body", bodyJSON(record)),
            .init(
                "plan",
                .object([
                    .init("action", JSONValue(action)),
                    .init("to", JSONValue(destination)),
                    .init("reason", JSONValue(reason)),
                    .init("because", JSONValue(explanation)),
                    .init("refused", JSONValue(record.objection?.description)),
                ])),
        ]
    }

    private func record(_ record: ShowRecord) -> JSONValue {
        .object([
            .init("timestamp", record.timestampType == .none ? .null : time(record.timestamp)),
            .init("timestamp_type", .string(record.timestampType.name)),
            .init("key", bytes(record.key)),
            .init("value_bytes", record.value.map { JSONValue($0.count) } ?? .null),
            .init("body_from_origin", .bool(record.fetchedBody != nil)),
            .init("headers", .array(record.headers.map(header))),
            .init("headers_readable", .bool(record.headersAreReadable)),
        ])
    }

    private func header(_ header: ShowRecord.Header) -> JSONValue {
        .object([
            .init(
                "name", .string(covered(BytesText.text(header.name) ?? String(decoding: header.name, as: UTF8.self)))),
            .init("dialect", JSONValue(header.dialect?.description)),
            .init("value", bytes(header.value)),
            .init("number", header.number.map { .integer($0) } ?? .null),
        ])
    }

    /// Text as text, other bytes as hexadecimal digits of the first 4,096, null as null.
    private func bytes(_ bytes: [UInt8]?) -> JSONValue {
        guard let bytes else { return .null }
        if let text = BytesText.text(bytes) {
            return .object([.init("text", .string(covered(text))), .init("bytes", JSONValue(bytes.count))])
        }
        return .object([
            .init("hex", .string(BytesText.hexadecimal(bytes, limit: 4_096, reveals: options.reveals))),
            .init("bytes", JSONValue(bytes.count)),
        ])
    }

    private func failure(_ record: ShowRecord) -> JSONValue {
        let letter = record.letter
        return .object([
            .init(
                "origin",
                letter.origin.map { origin in
                    .object([
                        .init("topic", .string(origin.topic)), .init("partition", .integer(Int64(origin.partition))),
                        .init("offset", .integer(origin.offset)),
                    ])
                } ?? .null),
            .init("dialect", JSONValue(letter.dialect?.description)),
            .init("dialects", .array(letter.dialects.dialects.map { .string($0.description) })),
            .init("original_timestamp", letter.originTimestamp.map(time) ?? .null),
            .init("error_code", JSONValue(letter.errorCode?.rawValue)),
            .init("exception_class", text(record.exceptionClass)),
            .init("message", text(record.errorMessage)),
            .init("consumer_group", text(record.consumerGroup)),
            .init("first_failed_at", letter.firstFailedAt.map(time) ?? .null),
            .init("retry_count", .integer(Int64(letter.retryCount))),
            .init("unparked_count", .integer(Int64(letter.unparkedCount))),
            .init(
                "attempts",
                .object(record.attempts.map { .init("\($0.name.text)", .integer($0.count)) })),
        ])
    }

    private func bodyJSON(_ record: ShowRecord) -> JSONValue {
        func dump(_ focus: Int?) -> JSONValue {
            .array(
                HexDump.lines(record.body ?? [], focus: focus, reveals: options.reveals).map { .string($0) })
        }
        func id(_ id: Int32?) -> JSONValue { id.map { .integer(Int64($0)) } ?? .null }
        switch body {
        case .none: return .object([.init("state", "none")])
        case .notDecoded(let schema):
            return .object([
                .init("state", "not_decoded"), .init("schema_id", id(schema)), .init("dump", dump(nil)),
            ])
        case .undecodable(let schema, let reason, let place):
            return .object([
                .init("state", "undecodable"), .init("schema_id", id(schema)), .init("reason", .string(reason)),
                .init("byte", place.map { JSONValue($0) } ?? .null), .init("dump", dump(place)),
            ])
        case .decoded(let schema, let name, let value, let isCut):
            return .object([
                .init("state", "decoded"), .init("schema_id", id(schema)), .init("schema", .string(name)),
                .init("value", value), .init("cut", .bool(isCut)),
            ])
        }
    }

    private func text(_ bytes: [UInt8]?) -> JSONValue {
        bytes.map { .string(covered(String(decoding: $0, as: UTF8.self))) } ?? .null
    }

    private func covered(_ text: String) -> String { options.reveals ? text : PersonalData.masked(text) }

    private func time(_ milliseconds: Int64) -> JSONValue { .string(RFC3339.string(milliseconds: milliseconds)) }
}
