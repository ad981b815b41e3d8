import Events
import Kafka
import Redrive
import SchemaRegistry

/// Judges records as a drain does, without doing anything: for previews and plans. One task at a time.
struct RecordJudge: ~Copyable {
    private let rules: DrainRules
    private let registry: SchemaRegistryClient?
    private let originReader: OriginReader
    private var inspector: DeadLetterInspector
    /// Milliseconds since 1970.
    private let now: Int64

    /// What was found.
    struct Judgement {
        let verdict: Verdict
        /// Where the record goes; nil where it stays.
        let destination: String?
        /// Why the destination would not keep it.
        let objection: TimestampObjection?
    }

    /// - Parameter registry: nil does not look into bodies.
    init(
        _ rules: DrainRules, filter: EventFilter, registry: SchemaRegistryClient?, originReader: OriginReader,
        now: Int64
    ) {
        self.rules = rules
        self.registry = registry
        self.originReader = originReader
        self.now = now
        inspector = DeadLetterInspector(
            filter: filter, decoder: EventDecoder(registry: registry), decodes: registry != nil)
    }

    /// By what the record judged last is told from others: why it failed, and whose it is.
    var kind: CanaryChoice.Kind {
        let letter = inspector.letter
        // Cut as labels are: kinds are held by the thousand, and a header may be as long as a record.
        let reason =
            letter.errorCode?.rawValue
            ?? inspector.exceptionClass.map { String(decoding: $0.prefix(LabelCache.longest), as: UTF8.self) } ?? ""
        return .init(
            reason: reason, merchant: (letter.merchantID ?? inspector.fields?.merchantID)?.description ?? "")
    }

    /// Where the record judged last would go by another verdict: that of a plan.
    func destination(of verdict: Verdict) -> String? { rules.destination(of: verdict, inspector.letter) }

    /// Judges the record at `index`; waits for the registry, and for its origin where it has no body.
    mutating func judge(_ batch: RecordBatch, _ index: Int) async throws -> Judgement {
        let time = batch.timestamp(index).milliseconds
        let finding = try await inspector.inspect(batch, index, asking: registry, originReader).finding
        let verdict = rules.verdict(finding, inspector.letter)
        var objection: TimestampObjection?
        do throws(TimestampObjection) {
            try rules.checkTimestamp(of: verdict, inspector.letter, recordTimestamp: time, now: now)
        } catch {
            objection = error
        }
        return Judgement(
            verdict: verdict, destination: rules.destination(of: verdict, inspector.letter), objection: objection)
    }
}
