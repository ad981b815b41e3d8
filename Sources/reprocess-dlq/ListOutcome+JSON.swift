import CommandLine
import Redrive
import ToolKit

/// The stable document of `list --output json`; `docs/json-output.md` describes it.
extension ListOutcome {
    var json: JSONValue {
        ResultDocument.make(
            command: "list", clusterID: survey?.clusterID, code: exitCode, error: refusal?.description, members)
    }

    private var members: [JSONValue.Member] {
        [
            .init("topic", .string(options.queue.topic)),
            .init("group", .string(options.queue.group)),
            .init("complete", .bool(isComplete)),
            .init("includes_done", .bool(options.includesDone)),
            .init("progress_known", .bool(survey?.knowsProgress ?? false)),
            .init("selected", .integer(tally.left)),
            .init("skipped", .integer(tally.notSelected)),
            .init("gone", .integer(survey?.gone ?? 0)),
            .init("remaining", JSONValue(survey?.remaining)),
            .init("held_back", JSONValue(survey?.unstable)),
            .init("done", .integer(tally.done)),
            .init("bytes", .integer(tally.bytes)),
            .init("oldest_failure", time(tally.oldest)),
            .init("newest_failure", time(tally.newest)),
            .init("partitions", .array((survey?.partitions ?? []).map(partition))),
            .init("by_reason", ranking(reasons(Self.listed))),
            .init("by_origin_topic", ranking(origins(Self.listed))),
            .init("by_event_type", ranking(eventTypes(Self.listed))),
            .init("by_merchant", ranking(merchants(Self.listed))),
            .init("by_age", .array(ages)),
            .init("plan", plan),
            .init("notices", .array(notices.map { .string($0) })),
        ]
    }

    private func time(_ milliseconds: Int64?) -> JSONValue {
        JSONValue(milliseconds.map { TimePoint(milliseconds: $0).description })
    }

    private func partition(_ partition: QueueSurvey.Partition) -> JSONValue {
        .object([
            .init("partition", .integer(Int64(partition.start.partition))),
            .init("log_start", .integer(partition.start.logStart)),
            .init("committed", .integer(partition.start.done.committed)),
            .init("end", .integer(partition.end)),
            .init("high_watermark", .integer(partition.highWatermark)),
            .init("remaining", .integer(partition.remaining)),
            .init("records", .integer(tally.byPartition[partition.start.partition] ?? 0)),
        ])
    }

    private func ranking(_ ranking: LabelRanking) -> JSONValue {
        .object([
            .init(
                "values",
                .array(
                    ranking.entries.map {
                        .object([.init("value", .string($0.text)), .init("records", .integer($0.count))])
                    })),
            .init("other_kinds", JSONValue(ranking.otherKinds)),
            .init("other_records", .integer(ranking.otherCount)),
            .init("exact", .bool(ranking.isExact)),
        ])
    }

    private var ages: [JSONValue] {
        zip(ListAge.buckets, tally.ages).map { bucket, count in
            .object([.init("age", .string(bucket.name)), .init("records", .integer(count))])
        }
    }

    private var plan: JSONValue {
        func counts(_ counts: [String: Int64]) -> JSONValue {
            .object(counts.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })
        }
        return .object([
            .init("redrive_to", counts(tally.redrive)),
            .init("park", counts(tally.park)),
            .init("fetch_body", .integer(tally.fetched)),
            .init("reject", .integer(tally.rejected)),
            .init("refused", counts(tally.objections)),
        ])
    }
}
