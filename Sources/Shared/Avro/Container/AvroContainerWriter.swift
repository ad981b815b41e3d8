/// Writes a container file, or goes on with one. The blocks are libavro's; the header is written here, because libavro
/// leaves out logical types, aliases and documentation, and makes its marker from the time of day.
///
/// Nothing is safe before `synchronize` has returned. Calls block: not for the cooperative pool. `close` it.
package struct AvroContainerWriter: ~Copyable {
    private let file: AvroContainerFile
    private let header: AvroContainerHeader
    private var blocks: LibAvroBlockWriter?
    private var blockBytes: Int
    /// How far the blocks in the file have been seen to be whole, and the datums in them.
    private var checkedEnd: Int64
    private var checkedRecords: Int64

    /// The file's metadata, those of Avro itself included.
    package var metadata: [String: [UInt8]] { header.metadata }
    /// The schema of the data.
    package var schema: AvroSchema { header.schema }
    /// Datums in the file, those of earlier runs and those not yet synchronized included.
    package private(set) var recordCount: Int64

    /// Makes a new file, readable by its owner alone. Fails if there is one already.
    ///
    /// - Parameters:
    ///   - schemaText: an `.avsc`, kept in the file as it is.
    ///   - blockBytes: the size at which a block is written, before compression.
    ///   - metadata: of the program's own, under names that do not begin with `avro.`.
    package static func create(
        path: String, schemaText: String, codec: AvroContainerCodec = .deflate, blockBytes: Int = 1 << 18,
        metadata: [String: [UInt8]] = [:]
    ) throws(AvroContainerError) -> AvroContainerWriter {
        var random = SystemRandomNumberGenerator()
        let sync = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let head: [UInt8]
        do {
            _ = try AvroSchema.parse(schemaText)
            head = try AvroContainerHeader.bytes(
                schemaText: schemaText, codec: codec, sync: sync, metadata: metadata)
        } catch {
            throw AvroContainerError(kind: .schema, path: path, offset: 0, reason: error.description)
        }
        let file = try AvroContainerFile(creating: path)
        let header: AvroContainerHeader
        do throws(AvroContainerError) {
            try file.write(head, at: 0)
            try file.synchronize()
            try file.synchronizeDirectory()
            header = try AvroContainerHeader(reading: file)
        } catch {
            // Half a header would stand in the way of the next attempt.
            file.remove()
            throw error
        }
        return try AvroContainerWriter(
            file: file, header: header, blockBytes: blockBytes, end: header.size, recordCount: 0)
    }

    /// Goes on with a file: an incomplete block at its end is cut off first.
    package static func resume(
        path: String, blockBytes: Int = 1 << 18, limits: AvroContainerLimits = .standard
    ) throws(AvroContainerError) -> AvroContainerWriter {
        let file = try AvroContainerFile(path: path, forWriting: true)
        let header = try AvroContainerHeader(reading: file)
        let tail = try AvroContainerTail.cutBack(file, header, limits)
        return try AvroContainerWriter(
            file: file, header: header, blockBytes: blockBytes, end: tail.end, recordCount: tail.recordCount)
    }

    private init(
        file: consuming AvroContainerFile, header: AvroContainerHeader, blockBytes: Int, end: Int64, recordCount: Int64
    ) throws(AvroContainerError) {
        self.file = file
        self.header = header
        self.blockBytes = max(blockBytes, 1_024)
        self.recordCount = recordCount
        checkedEnd = end
        checkedRecords = recordCount
        blocks = nil
        try open()
    }

    private mutating func open() throws(AvroContainerError) {
        blocks = LibAvroBlockWriter(path: file.path, blockBytes: blockBytes)
        guard blocks?.isOpen ?? false else {
            throw failure(.schema, "libavro does not accept the file's schema, or cannot open it")
        }
    }

    private func failure(_ kind: AvroContainerError.Kind, _ reason: String) -> AvroContainerError {
        AvroContainerError(kind: kind, path: file.path, offset: checkedEnd, reason: reason)
    }

    /// Appends a value of the file's schema.
    package mutating func append(_ value: AvroValue) throws {
        try append(datum: try AvroEncoder(schema: schema).encode(value))
    }

    /// Appends a datum that is encoded by the file's schema already. It is not checked again.
    package mutating func append(datum: [UInt8]) throws(AvroContainerError) {
        try checkSize(datum.count)
        let appended = datum.withUnsafeBytes { blocks?.append($0) ?? false }
        guard appended else { throw notWritten }
        recordCount += 1
    }

    /// As the other; the bytes are copied.
    package mutating func append(datum: UnsafeRawBufferPointer) throws(AvroContainerError) {
        try checkSize(datum.count)
        let appended = blocks?.append(datum) ?? false
        guard appended else { throw notWritten }
        recordCount += 1
    }

    private mutating func checkSize(_ bytes: Int) throws(AvroContainerError) {
        guard bytes > blockBytes else { return }
        try end()
        blockBytes = bytes
        try open()
    }

    /// Ends the block and waits until all of the file is on the disk.
    package mutating func synchronize() throws(AvroContainerError) {
        guard blocks?.flush() ?? true else { throw notWritten }
        try checkEnd()
        try file.synchronize()
    }

    /// Synchronizes and closes the file.
    package consuming func close() throws(AvroContainerError) {
        try synchronize()
        try end()
    }

    private mutating func end() throws(AvroContainerError) {
        let closed = blocks.take()?.close() ?? true
        guard closed else { throw notWritten }
        try checkEnd()
    }

    /// libavro does not report a failed flush: the blocks in the file must hold what was appended.
    private mutating func checkEnd() throws(AvroContainerError) {
        var scan = try AvroContainerScan(file, header, maximumBlock: .max)
        scan.next = checkedEnd
        do throws(AvroContainerError) {
            while let block = try scan.block(in: file) { checkedRecords += block.count }
        } catch {
            throw notWritten
        }
        guard checkedRecords == recordCount else { throw notWritten }
        checkedEnd = scan.next
    }

    private var notWritten: AvroContainerError {
        failure(.notWritten, "a block did not reach the file whole: is the disk full? The file is good up to here")
    }
}
