import Archive
import Events
import Kafka
import Redrive
import SchemaRegistry

/// Decides on archived records, and makes of them what is published. One thread at a time.
final class ArchiveJudge {
    let rules: ReplayRules
    private let options: ReplayOptions
    /// What was found of the record judged last.
    private(set) var inspector: ReplayInspector
    private var gained = HeaderBatch()
    private let policy = HeaderPolicy(.redrive(.replay))

    init(_ rules: ReplayRules, _ options: ReplayOptions) {
        self.rules = rules
        self.options = options
        inspector = ReplayInspector(
            options.selection, decoder: EventDecoder(registry: options.registry),
            decodes: options.registry != nil)
    }

    /// Whether the record goes out, and where to. A restored record goes to its own topic, whatever its headers say.
    func verdict(_ record: ArchivedRecord) async throws -> Verdict {
        var finding = inspect(record)
        while case .needsSchema(let id) = finding, let registry = options.registry {
            inspector.learn(id, try await registry.lookup(id))
            finding = inspect(record)
        }
        // A restored topic equals the archived one, what nobody can read included.
        if case .undecodable(_, true) = finding, case .origin = rules.route, rules.onUndecodable == .skip {
            finding = .selected
        }
        do throws(UndecodableRecord) {
            return try rules.verdict(finding, origin: record.topic)
        } catch {
            var error = error
            error.place = "\(record.topic)[\(record.partition)] offset \(record.offset)"
            throw error
        }
    }

    private func inspect(_ record: ArchivedRecord) -> ReplayInspector.Finding {
        func body(_ value: UnsafeRawBufferPointer?) -> ReplayInspector.Finding {
            inspector.inspect(
                topic: record.topic, partition: record.partition, offset: record.offset,
                timestamp: record.timestampType == .none ? nil : record.timestamp, value: value
            ) { visit in
                for header in record.headers {
                    header.name.withUnsafeBytes { name in
                        guard let value = header.value else { return visit(name, nil) }
                        value.withUnsafeBytes { visit(name, $0) }
                    }
                }
            }
        }
        guard let value = record.value else { return body(nil) }
        return value.withUnsafeBytes { body($0) }
    }

    /// Where it goes.
    func destination(_ record: ArchivedRecord) -> String {
        if case .topic(let name) = rules.route { return name }
        return record.topic
    }

    /// The record judged last, as it is published: unchanged to its own topic, with its origin to another.
    func outgoing(_ record: ArchivedRecord, now: Int64) -> OutgoingRecord {
        let topic = destination(record)
        let count = rules.destinations[topic]?.partitionCount ?? 1
        let isRenewed = options.timestamps == .now
        let time = record.timestampType == .none ? nil : record.timestamp
        guard case .topic = rules.route else {
            return record.outgoing(
                partition: record.partition < count ? record.partition : nil, timestamp: isRenewed ? now : time)
        }
        var outgoing = record.outgoing(
            partition: record.key == nil ? record.partition % count : nil, timestamp: isRenewed ? now : time)
        outgoing.headers = record.headers.filter { header in !header.name.withUnsafeBytes { policy.removes($0) } }.map {
            (HeaderName(bytes: $0.name), $0.value)
        }
        gained.setRedrive(
            .redrive(.replay), of: inspector.letter, run: rules.run, originalTimestamp: isRenewed ? time : nil)
        gained.forEach { name, value in
            outgoing.headers.append((HeaderName(bytes: Array(name)), Array(value)))
        }
        return outgoing
    }
}
