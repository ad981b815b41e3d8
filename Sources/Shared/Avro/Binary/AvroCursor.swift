/// Reads Avro's primitives from memory, checking every one. Decoder and projection share it, so that they accept the
/// same bytes. A read that fails leaves the cursor where it was.
struct AvroCursor {
    var next: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    let maximumLength: Int

    /// The bytes must outlive the cursor.
    init(_ bytes: UnsafeRawBufferPointer, maximumLength: Int) {
        if let base = bytes.baseAddress {
            next = base.assumingMemoryBound(to: UInt8.self)
            end = next + bytes.count
        } else {
            next = AvroCursor.nowhere
            end = next
        }
        self.maximumLength = maximumLength
    }

    /// An address for an empty buffer that has none; nothing is ever read there, and it is never freed.
    nonisolated(unsafe) private static let nowhere = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

    var remaining: Int {
        @inline(__always) get { end - next }
    }

    @inline(__always)
    mutating func unsigned() throws(AvroFault) -> UInt64 {
        guard next < end else { throw .endOfInput }
        let first = next.pointee
        if first < 0x80 {
            next += 1
            return UInt64(first)
        }
        return try longUnsigned()
    }

    @inline(never)
    private mutating func longUnsigned() throws(AvroFault) -> UInt64 {
        var result: UInt64 = 0
        var place = next
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard place < end else { throw .endOfInput }
            let byte = place.pointee
            place += 1
            if shift == 63, byte > 1 { throw .varintOverlong }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                if byte == 0, shift > 0 { throw .varintOverlong }
                next = place
                return result
            }
        }
        throw .varintOverlong
    }

    @inline(__always)
    private static func zigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }

    @inline(__always)
    mutating func long() throws(AvroFault) -> Int64 {
        AvroCursor.zigzag(try unsigned())
    }

    @inline(__always)
    mutating func int() throws(AvroFault) -> Int32 {
        let start = next
        let value = try unsigned()
        guard value <= UInt64(UInt32.max) else {
            next = start
            throw .integerOutOfRange
        }
        return Int32(truncatingIfNeeded: AvroCursor.zigzag(value))
    }

    @inline(__always)
    mutating func boolean() throws(AvroFault) -> Bool {
        guard next < end else { throw .endOfInput }
        guard next.pointee < 2 else { throw .booleanNotZeroOrOne }
        defer { next += 1 }
        return next.pointee == 1
    }

    /// Moves over this many bytes and says where they begin.
    @inline(__always)
    mutating func take(_ count: Int) throws(AvroFault) -> UnsafePointer<UInt8> {
        guard count <= remaining else { throw .endOfInput }
        defer { next += count }
        return next
    }

    /// The bytes of a `bytes` or `string`, not yet checked for UTF-8.
    @inline(__always)
    mutating func sequence() throws(AvroFault) -> UnsafeBufferPointer<UInt8> {
        let start = next
        let count = try long()
        guard count >= 0, count <= Int64(maximumLength), count <= Int64(remaining) else {
            next = start
            throw count < 0 ? .negativeLength : count > Int64(maximumLength) ? .lengthLimit : .endOfInput
        }
        defer { next += Int(count) }
        return UnsafeBufferPointer(start: next, count: Int(count))
    }

    /// The bytes of a `string`.
    @inline(__always)
    mutating func text() throws(AvroFault) -> UnsafeBufferPointer<UInt8> {
        let start = next
        let bytes = try sequence()
        guard let base = bytes.baseAddress, AvroUTF8.isValid(base, bytes.count) else {
            next = start
            throw .invalidUTF8
        }
        return bytes
    }

    /// An index below `count`, of an enum or union.
    @inline(__always)
    mutating func index(below count: Int32, else fault: AvroFault) throws(AvroFault) -> Int32 {
        let start = next
        let index = try long()
        guard index >= 0, index < Int64(count) else {
            next = start
            throw fault
        }
        return Int32(truncatingIfNeeded: index)
    }

    /// Eight little-endian bytes.
    @inline(__always)
    mutating func bits64() throws(AvroFault) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(try take(8)).loadUnaligned(as: UInt64.self))
    }

    /// Four little-endian bytes.
    @inline(__always)
    mutating func bits32() throws(AvroFault) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(try take(4)).loadUnaligned(as: UInt32.self))
    }
}

extension AvroCursor {
    /// The head of one block of an array or map.
    struct Block {
        /// Items in the block; 0 ends the array or map.
        var count: Int
        /// Where the block must end, if its size was written.
        var end: UnsafePointer<UInt8>?
    }

    /// Reads a block's head. `mayBeEmpty` says whether an item may take no bytes.
    mutating func block(itemMayBeEmpty: Bool) throws(AvroFault) -> Block {
        let start = next
        do throws(AvroFault) {
            var count = try long()
            var blockEnd: UnsafePointer<UInt8>?
            if count < 0 {
                guard count != .min else { throw .blockCountInvalid }
                count = -count
                let size = try long()
                guard size >= 0 else { throw .negativeLength }
                guard size <= Int64(remaining) else { throw .endOfInput }
                blockEnd = next + Int(size)
            }
            if !itemMayBeEmpty, count > Int64(remaining) { throw .endOfInput }
            return Block(count: Int(count), end: blockEnd)
        } catch {
            next = start
            throw error
        }
    }
}
