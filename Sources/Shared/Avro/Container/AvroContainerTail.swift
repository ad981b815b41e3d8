/// What cutting a container file back to its last complete block did.
package struct AvroContainerTail: Sendable, Equatable {
    /// The file's size now, which is the end of its last complete block, or of its header if it has none.
    package let end: Int64
    /// Bytes of an incomplete block that were cut off.
    package let removedBytes: Int64
    /// Where the last complete block begins; nil if there is none. A reader that starts there says how far the file goes.
    package let lastBlockOffset: Int64?
    /// Complete blocks.
    package let blockCount: Int
    /// The datums in them.
    package let recordCount: Int64

    /// Cuts the file back if a block at its end is incomplete, as after a crash. Blocks; takes time by the number of
    /// blocks, not by their size.
    ///
    /// - Throws: `AvroContainerError` of kind `damaged` if a block is wrong and good ones may follow: nothing is cut then.
    package static func cutBack(
        path: String, limits: AvroContainerLimits = .standard
    ) throws(AvroContainerError) -> AvroContainerTail {
        let file = try AvroContainerFile(path: path, forWriting: true)
        let header = try AvroContainerHeader(reading: file)
        return try cutBack(file, header, limits)
    }

    static func cutBack(
        _ file: borrowing AvroContainerFile, _ header: AvroContainerHeader, _ limits: AvroContainerLimits
    ) throws(AvroContainerError) -> AvroContainerTail {
        var scan = try AvroContainerScan(file, header, maximumBlock: limits.storedBlock)
        var last: Int64?
        var blocks = 0
        var records: Int64 = 0
        do throws(AvroContainerError) {
            while let block = try scan.block(in: file) {
                last = block.offset
                blocks += 1
                records = records &+ block.count
            }
        } catch {
            // A crash leaves half a block, or zeros in its place: no marker can follow. After damage one does.
            let end = scan.next
            guard error.kind == .incomplete || error.kind == .damaged else { throw error }
            scan.next += 1
            if try scan.skipToMarker(in: file) {
                throw AvroContainerError(
                    kind: .damaged, path: error.path, offset: end,
                    reason: "\(error.reason), and more blocks follow: the file was not cut back")
            }
            scan.next = end
        }
        let removed = scan.fileSize - scan.next
        if removed > 0 {
            try file.truncate(to: scan.next)
            try file.synchronize()
        }
        return AvroContainerTail(
            end: scan.next, removedBytes: removed, lastBlockOffset: last, blockCount: blocks, recordCount: records)
    }
}
