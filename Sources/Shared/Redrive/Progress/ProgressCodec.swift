/// Bytes of a progress record's value, as `docs/progress-format.md` defines them.
///
///     value   = version(1) kind(1) sequence(uvarint) run(string) copy(string) body crc32c(4, little-endian)
///     string  = length(uvarint, at most 255) UTF-8
///     kind 1  = all of the chunk is done                     body: nothing
///     kind 2  = runs                                         body: count(uvarint) { gap(uvarint) length(uvarint) }
///     kind 3  = bitmap                                       body: 8,192 bytes, least significant bit first
///     kind 4  = partition                                    body: committed, logStart (uvarint),
///                                                                  0 | 1 offset(uvarint) timestamp(zigzag) digest(32)
package enum ProgressCodec {
    /// The version that this program writes, and the only one that it reads.
    package static let version: UInt8 = 1
    private static let maximumTextLength = 255
    private static let bitmapLength = DoneChunk.span / 8
    private static let digestLength = 32

    private enum Kind: UInt8 {
        case full = 1
        case runs = 2
        case bitmap = 3
        case partition = 4
    }

    /// Encodes a value; of runs and bitmap the shorter one is taken.
    package static func encode(_ value: ProgressValue, stamp: ProgressStamp) -> [UInt8] {
        var writer = ByteWriter()
        let (kind, body) = body(of: value)
        writer.bytes.append(version)
        writer.bytes.append(kind.rawValue)
        writer.varint(stamp.sequence)
        writer.text(stamp.run)
        writer.text(stamp.copy)
        writer.bytes.append(contentsOf: body)
        let checksum = CRC32C.checksum(writer.bytes)
        for shift in stride(from: 0, to: 32, by: 8) {
            writer.bytes.append(UInt8(truncatingIfNeeded: checksum >> UInt32(shift)))
        }
        return writer.bytes
    }

    /// Decodes a value. It is never guessed at: whatever is not exactly what `encode` makes is an error.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProgressDamage) -> (value: ProgressValue, stamp: ProgressStamp) {
        guard let first = bytes.first else { throw .truncated }
        guard first == version else { throw .unknownVersion(first) }
        guard bytes.count > 6 else { throw .truncated }
        let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
        let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CRC32C.checksum(content) == stored else { throw .checksumMismatch }
        var reader = ByteReader(bytes: content, position: 1)
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .unknownKind(content[1]) }
        let sequence = try reader.varint()
        let run = try reader.text(maximum: maximumTextLength)
        let copy = try reader.text(maximum: maximumTextLength)
        let value = try self.value(kind, from: &reader)
        guard reader.isAtEnd else { throw .trailingBytes }
        return (value, ProgressStamp(run: run, copy: copy, sequence: sequence))
    }

    private static func body(of value: ProgressValue) -> (Kind, [UInt8]) {
        switch value {
        case .chunk(let chunk) where chunk.isFull:
            return (.full, [])
        case .chunk(let chunk):
            let runs = runs(chunk.runs)
            return runs.count < bitmapLength ? (.runs, runs) : (.bitmap, chunk.bitmapBytes)
        case .partition(let committed, let logStart, let witness):
            var writer = ByteWriter()
            writer.varint(UInt64(committed))
            writer.varint(UInt64(logStart))
            writer.bytes.append(witness == nil ? 0 : 1)
            if let witness {
                writer.varint(UInt64(witness.offset))
                writer.zigzag(witness.timestamp)
                writer.bytes.append(contentsOf: witness.digest)
            }
            return (.partition, writer.bytes)
        }
    }

    private static func runs(_ runs: [Range<Int>]) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(UInt64(runs.count))
        var end = 0
        for run in runs {
            writer.varint(UInt64(run.lowerBound - end))
            writer.varint(UInt64(run.count))
            end = run.upperBound
        }
        return writer.bytes
    }

    private static func value(_ kind: Kind, from reader: inout ByteReader) throws(ProgressDamage) -> ProgressValue {
        switch kind {
        case .full: return .chunk(.full)
        case .runs: return .chunk(try readRuns(&reader))
        case .bitmap: return .chunk(readBitmap(try reader.take(bitmapLength)))
        case .partition:
            let committed = try reader.offset()
            let logStart = try reader.offset()
            switch try reader.byte() {
            case 0: return .partition(committed: committed, logStart: logStart, witness: nil)
            case 1:
                let offset = try reader.offset()
                let timestamp = try reader.zigzag()
                let digest = [UInt8](try reader.take(digestLength))
                let witness = Witness(offset: offset, timestamp: timestamp, digest: digest)
                return .partition(committed: committed, logStart: logStart, witness: witness)
            default: throw .malformed
            }
        }
    }

    private static func readRuns(_ reader: inout ByteReader) throws(ProgressDamage) -> DoneChunk {
        var chunk = DoneChunk()
        var end = 0
        for _ in 0..<(try reader.length(maximum: DoneChunk.span)) {
            let start = end + (try reader.length(maximum: DoneChunk.span))
            let length = try reader.length(maximum: DoneChunk.span)
            guard length > 0, start + length <= DoneChunk.span else { throw .malformed }
            end = start + length
            chunk.insert(start..<end)
        }
        return chunk
    }

    private static func readBitmap(_ bytes: UnsafeRawBufferPointer) -> DoneChunk {
        var chunk = DoneChunk()
        for (index, byte) in bytes.enumerated() where byte != 0 {
            for bit in 0..<8 where byte & (1 << UInt8(bit)) != 0 {
                chunk.insert(index * 8 + bit..<index * 8 + bit + 1)
            }
        }
        return chunk
    }
}

/// Why the bytes of a progress record cannot be trusted.
package enum ProgressDamage: Error, Equatable, Sendable, CustomStringConvertible {
    case truncated
    case unknownVersion(UInt8)
    case unknownKind(UInt8)
    case checksumMismatch
    case malformed
    case trailingBytes

    /// A clause that follows "the record cannot be trusted:".
    package var description: String {
        switch self {
        case .truncated: "it is too short"
        case .unknownVersion(let version):
            "its format version is \(version), this program knows \(ProgressCodec.version)"
        case .unknownKind(let kind): "its kind \(kind) is unknown"
        case .checksumMismatch: "its checksum does not match"
        case .malformed: "its contents are malformed"
        case .trailingBytes: "bytes follow its end"
        }
    }
}
