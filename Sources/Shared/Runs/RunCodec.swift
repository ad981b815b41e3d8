package import CommandLine
import Events
import JSON
package import Redrive

/// The JSON of runs and controls; `docs/runs-format.md` describes it.
package enum RunCodec {
    /// The version that is written, and the only one that is read.
    package static let version: Int64 = 1
    /// The longest record, below what every broker takes by default.
    package static let maximumBytes = 900_000
    private static let maximumDepth = 16

    // MARK: Writing

    /// - Throws: `RunDamage.tooLarge` for a run of more topics and partitions than fit into one record.
    package static func encode(_ record: RunRecord) throws(RunDamage) -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("version", .integer(version)), .init("name", .string(record.name)),
            .init("program", .string(record.program)), .init("command", .string(record.command)),
            .init("group", .string(record.group)),
            .init(
                "definition",
                .object(record.definition.map { .init($0.name, .array($0.values.map { .string($0) })) })),
            .init("range", .object(record.range.map { .init($0.topic, bounds($0.bounds)) })),
            .init("rate", .string(record.rate)), .init("started_at", time(record.startedAt)),
            .init("copies", .array(record.copies.map(json))),
        ]
        if record.earlierCopies > 0 {
            members.append(
                .init(
                    "earlier",
                    .object([
                        .init("copies", .integer(record.earlierCopies)), .init("tally", json(record.earlierTally)),
                    ])))
        }
        if let archive = record.archive {
            members.append(
                .init(
                    "archive",
                    .object([
                        .init("sha256", .string(archive.digest)), .init("block", .integer(archive.block)),
                        .init("record", .integer(archive.record)),
                    ])))
        }
        if let finishedAt = record.finishedAt { members.append(.init("finished_at", time(finishedAt))) }
        let bytes = Array(JSONValue.object(members).line.utf8)
        guard bytes.count <= maximumBytes else { throw .tooLarge(bytes: bytes.count) }
        return bytes
    }

    /// The bytes of a control.
    package static func encode(_ control: RunControl) -> [UInt8] {
        let value = JSONValue.object([
            .init("version", .integer(version)), .init("rate", JSONValue(control.rate)),
            .init("paused", .bool(control.isPaused)), .init("stop", .bool(control.stops)),
            .init("at", time(control.at)), .init("by", .string(control.by)),
        ])
        return Array(value.line.utf8)
    }

    private static func bounds(_ bounds: [Range<Int64>]) -> JSONValue {
        .array(bounds.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) })
    }

    private static func time(_ milliseconds: Int64) -> JSONValue {
        .string(RFC3339.string(milliseconds: milliseconds))
    }

    private static func json(_ copy: RunCopy) -> JSONValue {
        .object([
            .init("id", .string(copy.id)), .init("by", .string(copy.by)), .init("started_at", time(copy.startedAt)),
            .init("updated_at", time(copy.updatedAt)), .init("sequence", .integer(copy.sequence)),
            .init("state", .string(copy.state.rawValue)), .init("tally", json(copy.tally)),
            .init("reason", JSONValue(copy.reason)),
        ])
    }

    /// A tally's counts; reasons in alphabetical order.
    package static func json(_ tally: RunTally) -> JSONValue {
        .object([
            .init("selected", .integer(tally.selected)), .init("redriven", .integer(tally.redriven)),
            .init(
                "parked", .object(tally.parked.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })),
            .init("skipped", .integer(tally.skipped)), .init("requeued", .integer(tally.requeued)),
            .init("rejected", .integer(tally.rejected)), .init("gone", .integer(tally.gone)),
            .init("bytes", .integer(tally.bytes)),
        ])
    }

    // MARK: Reading

    /// Reads a run's record.
    ///
    /// - Throws: `RunDamage` for what is none, or is of another version.
    package static func decodeRun(_ bytes: UnsafeRawBufferPointer) throws(RunDamage) -> RunRecord {
        let json = try read(bytes)
        guard let startedAt = time(json["started_at"]), case .object(let definition) = json["definition"],
            case .object(let range) = json["range"], case .array(let copies) = json["copies"]
        else { throw .malformed }
        var record = RunRecord(
            name: try text(json["name"]), program: try text(json["program"]), command: try text(json["command"]),
            group: try text(json["group"]),
            definition: try definition.map { member throws(RunDamage) in
                .init(member.name, try array(member.value).map { value throws(RunDamage) in try text(value) })
            },
            range: try range.map { member throws(RunDamage) in
                .init(
                    topic: member.name,
                    bounds: try array(member.value).map { value throws(RunDamage) in try bounds(value) })
            }, rate: try text(json["rate"]), startedAt: startedAt)
        record.copies = try copies.map { value throws(RunDamage) in try copy(value) }
        if let earlier = json["earlier"] {
            record.earlierCopies = try count(earlier["copies"])
            record.earlierTally = try tally(earlier["tally"])
        }
        if let archive = json["archive"] {
            record.archive = .init(
                digest: try text(archive["sha256"]), block: try count(archive["block"]),
                record: try count(archive["record"]))
        }
        if let finishedAt = json["finished_at"] {
            guard let finishedAt = time(finishedAt) else { throw .malformed }
            record.finishedAt = finishedAt
        }
        return record
    }

    /// Reads a control.
    ///
    /// - Throws: `RunDamage` for what is none, or is of another version.
    package static func decodeControl(_ bytes: UnsafeRawBufferPointer) throws(RunDamage) -> RunControl {
        let json = try read(bytes)
        guard let at = time(json["at"]), case .boolean(let isPaused) = json["paused"],
            case .boolean(let stops) = json["stop"]
        else { throw .malformed }
        var control = RunControl(at: at, by: try text(json["by"]))
        control.rate = json["rate"]?.text
        control.isPaused = isPaused
        control.stops = stops
        return control
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(RunDamage) -> JSONTree {
        guard bytes.count <= maximumBytes else { throw .tooLarge(bytes: bytes.count) }
        let json: JSONTree
        do throws(JSONReader.Failure) {
            json = try JSONReader.read(String(decoding: bytes, as: UTF8.self), maximumDepth: maximumDepth)
        } catch {
            throw .malformed
        }
        guard let found = json["version"]?.integer else { throw .malformed }
        guard found == version else { throw .unknownVersion(found) }
        return json
    }

    private static func copy(_ json: JSONTree) throws(RunDamage) -> RunCopy {
        guard let startedAt = time(json["started_at"]), let updatedAt = time(json["updated_at"]),
            let state = json["state"]?.text.flatMap(RunCopy.State.init)
        else { throw .malformed }
        var copy = RunCopy(id: try text(json["id"]), by: try text(json["by"]), startedAt: startedAt)
        copy.updatedAt = updatedAt
        copy.sequence = try count(json["sequence"])
        copy.state = state
        copy.tally = try tally(json["tally"])
        copy.reason = json["reason"]?.text
        return copy
    }

    private static func tally(_ json: JSONTree?) throws(RunDamage) -> RunTally {
        guard let json, case .object(let parked) = json["parked"] else { throw .malformed }
        var tally = RunTally()
        tally.redriven = try count(json["redriven"])
        for member in parked { tally.parked[member.name] = try count(member.value) }
        tally.skipped = try count(json["skipped"])
        tally.requeued = try count(json["requeued"])
        tally.rejected = try count(json["rejected"])
        tally.gone = try count(json["gone"])
        tally.bytes = try count(json["bytes"])
        return tally
    }

    private static func bounds(_ json: JSONTree) throws(RunDamage) -> Range<Int64> {
        let ends = try array(json)
        guard ends.count == 2 else { throw .malformed }
        let (from, to) = (try count(ends[0]), try count(ends[1]))
        guard from <= to else { throw .malformed }
        return from..<to
    }

    private static func array(_ json: JSONTree?) throws(RunDamage) -> [JSONTree] {
        guard case .array(let elements) = json else { throw .malformed }
        return elements
    }

    private static func text(_ json: JSONTree?) throws(RunDamage) -> String {
        guard let text = json?.text else { throw .malformed }
        return text
    }

    private static func count(_ json: JSONTree?) throws(RunDamage) -> Int64 {
        guard let number = json?.integer, number >= 0 else { throw .malformed }
        return number
    }

    private static func time(_ json: JSONTree?) -> Int64? { json?.text.flatMap { RFC3339.parse($0) } }
}
