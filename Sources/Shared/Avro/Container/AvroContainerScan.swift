/// Finds the blocks of a container file without reading what is in them.
struct AvroContainerScan {
    /// One block, known by its head and the marker after it.
    struct Block: Equatable {
        /// Where the block begins in the file.
        let offset: Int64
        /// Data in it.
        let count: Int64
        /// Where its data begin, and their bytes.
        let dataOffset: Int64
        let dataSize: Int
        /// Where the next block begins.
        var end: Int64 { dataOffset + Int64(dataSize) + 16 }
    }

    let header: AvroContainerHeader
    let fileSize: Int64
    let maximumBlock: Int
    var next: Int64

    init(_ file: borrowing AvroContainerFile, _ header: AvroContainerHeader, maximumBlock: Int)
        throws(AvroContainerError)
    {
        self.header = header
        self.maximumBlock = maximumBlock
        fileSize = try file.size
        next = header.size
    }

    /// The block at `next`, which then stands behind it; nil at the end. An error leaves `next` where it was.
    mutating func block(in file: borrowing AvroContainerFile) throws(AvroContainerError) -> Block? {
        guard next < fileSize else { return nil }
        let path = file.path
        let start = next
        func failure(_ kind: AvroContainerError.Kind, _ reason: String) -> AvroContainerError {
            AvroContainerError(kind: kind, path: path, offset: start, reason: reason)
        }
        let head = try file.read(at: start, count: 20)
        let fields = head.withUnsafeBytes { buffer in
            Result { () throws(AvroFault) -> (Int64, Int64, Int) in
                var cursor = AvroCursor(buffer, maximumLength: 0)
                let count = try cursor.long()
                let size = try cursor.long()
                return (count, size, buffer.count - cursor.remaining)
            }
        }
        switch fields {
        case .failure(.endOfInput): throw failure(.incomplete, "the file ends in the head of a block")
        case .failure: throw failure(.damaged, "no block begins here")
        case .success(let (count, size, headSize)):
            guard count >= 0, size >= 0 else { throw failure(.damaged, "no block begins here") }
            guard size <= fileSize - start else { throw failure(.incomplete, "the file ends inside a block") }
            guard size <= Int64(maximumBlock) else {
                throw failure(.tooLarge, "a block of \(size) bytes, and \(maximumBlock) are allowed")
            }
            let block = Block(
                offset: start, count: count, dataOffset: start + Int64(headSize), dataSize: Int(size))
            guard block.end <= fileSize else { throw failure(.incomplete, "the file ends inside a block") }
            guard try file.read(at: block.end - 16, count: 16) == header.sync else {
                throw failure(.damaged, "the block does not end with the file's marker")
            }
            next = block.end
            return block
        }
    }

    /// Moves `next` behind the next marker after it; false if there is none.
    mutating func skipToMarker(in file: borrowing AvroContainerFile) throws(AvroContainerError) -> Bool {
        var position = next
        while position < fileSize {
            let window = try file.read(at: position, count: 1 << 20)
            guard window.count >= 16 else { return false }
            for index in 0...(window.count - 16)
            where window[index] == header.sync[0] && window[index..<index + 16].elementsEqual(header.sync) {
                next = position + Int64(index) + 16
                return true
            }
            position += Int64(window.count - 15)
        }
        return false
    }
}
