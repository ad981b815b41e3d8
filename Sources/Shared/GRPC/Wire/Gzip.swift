import CZlib
import EventLoop

/// gzip (RFC 1952) by zlib, whose two streams it owns and uses again and again.
final class Gzip {
    enum Fault: Error, Equatable {
        /// The plain bytes would be more than the limit.
        case tooLarge
        /// They are not gzip, or not whole.
        case malformed
    }

    // zlib's state points back to its stream, which therefore must not move.
    private let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let deflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var canInflate = false
    private var canDeflate = false

    init() {
        inflater.initialize(to: z_stream())
        deflater.initialize(to: z_stream())
    }

    deinit {
        if canInflate { inflateEnd(inflater) }
        if canDeflate { deflateEnd(deflater) }
        inflater.deallocate()
        deflater.deallocate()
    }

    /// The plain bytes of one gzip stream, at most `limit` of them, whatever the stream claims.
    func decompress(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(Fault) -> ByteBuffer {
        if !canInflate {
            guard zlib_begin_inflate(inflater) == Z_OK else { throw .malformed }
            canInflate = true
        }
        inflateReset(inflater)
        feed(inflater, bytes)
        var plain = ByteBuffer()
        while true {
            // One byte more than allowed shows that there are too many.
            let room = min(max(256, bytes.count * 2), limit + 1 - plain.count, 64 << 10)
            let code = fill(&plain, room, inflater) { inflate($0, Z_NO_FLUSH) }
            if plain.count > limit { throw .tooLarge }
            if code == Z_STREAM_END {
                guard inflater.pointee.avail_in == 0 else { throw .malformed }
                return plain
            }
            guard code == Z_OK, inflater.pointee.avail_in > 0 || inflater.pointee.avail_out == 0 else {
                throw .malformed
            }
        }
    }

    /// Appends `bytes` as one gzip stream; false, with the buffer as it was, if zlib cannot.
    func compress(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
        if !canDeflate {
            // Level 1: on an event loop time is dearer than bytes.
            guard zlib_begin_deflate(deflater, 1) == Z_OK else { return false }
            canDeflate = true
        }
        deflateReset(deflater)
        feed(deflater, bytes)
        let before = buffer.count
        let code = fill(&buffer, Int(deflateBound(deflater, UInt(bytes.count))), deflater) { deflate($0, Z_FINISH) }
        if code == Z_STREAM_END { return true }
        buffer.removeLast(buffer.count - before)
        return false
    }

    private func feed(_ stream: UnsafeMutablePointer<z_stream>, _ bytes: UnsafeRawBufferPointer) {
        // zlib's input is not const in its declaration; it does not write to it.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(clamping: bytes.count)
    }

    private func fill(
        _ buffer: inout ByteBuffer, _ room: Int, _ stream: UnsafeMutablePointer<z_stream>,
        _ step: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int32 {
        stream.pointee.next_out = buffer.extend(by: room).assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        let code = step(stream)
        buffer.removeLast(Int(stream.pointee.avail_out))
        return code
    }
}
