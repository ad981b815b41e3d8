/// Bounds on what is taken from a container file into memory.
package struct AvroContainerLimits: Sendable {
    /// Bytes of one block as stored.
    package var storedBlock: Int
    /// Bytes of one block after decompression.
    package var block: Int

    /// 64 MiB stored, 256 MiB decompressed.
    package static let standard = AvroContainerLimits(storedBlock: 64 << 20, block: 256 << 20)

    /// Limits other than the standard ones.
    package init(storedBlock: Int, block: Int) {
        self.storedBlock = storedBlock
        self.block = block
    }
}

/// Reads a container file block by block, its own and those of other programs, codecs null and deflate.
///
/// libavro's reader is not used: it takes the memory that a block claims, decompresses without a bound, and says
/// neither where a block begins nor where damage is. Calls block: not for the cooperative pool.
package struct AvroContainerReader: ~Copyable {
    private let file: AvroContainerFile
    private var scan: AvroContainerScan
    private let limits: AvroContainerLimits

    /// The schema of the data.
    package var schema: AvroSchema { scan.header.schema }
    /// The schema's text as the file has it.
    package var schemaText: String { scan.header.schemaText }
    /// How the blocks are compressed.
    package var codec: AvroContainerCodec { scan.header.codec }
    /// The file's metadata, those of Avro itself included.
    package var metadata: [String: [UInt8]] { scan.header.metadata }
    /// Where the next block begins, in bytes from the start of the file.
    package var nextBlockOffset: Int64 { scan.next }

    /// Opens a file and reads its header.
    package init(path: String, limits: AvroContainerLimits = .standard) throws(AvroContainerError) {
        let file = try AvroContainerFile(path: path, forWriting: false)
        let header = try AvroContainerHeader(reading: file)
        scan = try AvroContainerScan(file, header, maximumBlock: limits.storedBlock)
        self.file = file
        self.limits = limits
    }

    /// The next block, or nil at the end of the file. After an error of kind `damaged`, `incomplete` or `tooLarge` all
    /// blocks before are good, and `skipDamage` looks for one behind.
    package mutating func nextBlock() throws(AvroContainerError) -> AvroContainerBlock? {
        let start = scan.next
        guard let found = try scan.block(in: file) else { return nil }
        do throws(AvroContainerError) {
            return try content(of: found)
        } catch {
            scan.next = start
            throw error
        }
    }

    /// Goes on with the block that begins at `offset`.
    package mutating func seek(toBlock offset: Int64) { scan.next = offset }

    /// Goes on behind the next end of a block; false if there is none, and then the file has no more data.
    package mutating func skipDamage() throws(AvroContainerError) -> Bool {
        scan.next += 1
        return try scan.skipToMarker(in: file)
    }

    private func content(of found: AvroContainerScan.Block) throws(AvroContainerError) -> AvroContainerBlock {
        let path = file.path
        func failure(_ kind: AvroContainerError.Kind, _ reason: String) -> AvroContainerError {
            AvroContainerError(kind: kind, path: path, offset: found.offset, reason: reason)
        }
        var data = try file.read(at: found.dataOffset, count: found.dataSize)
        guard data.count == found.dataSize else { throw failure(.incomplete, "the file became shorter") }
        if codec == .deflate {
            let limit = limits.block
            let inflated = data.withUnsafeBytes { input in
                Result { () throws(Inflate.Failure) in try Inflate.decompress(input, limit: limit) }
            }
            switch inflated {
            case .success(let bytes): data = bytes
            case .failure(.tooLarge): throw failure(.tooLarge, "a block decompresses to more than \(limit) bytes")
            case .failure: throw failure(.damaged, "the block cannot be decompressed")
            }
        }
        return AvroContainerBlock(
            offset: found.offset, end: found.end, recordCount: found.count, data: data, schema: schema, path: path)
    }
}
