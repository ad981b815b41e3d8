import Glibc

/// Bytes that are appended at the end and taken from the front, in memory of its own that is kept between uses.
package struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var start = 0
    private var end = 0

    /// Bytes that fit without new memory.
    package private(set) var capacity = 0

    /// An empty buffer without memory.
    package init() {}

    deinit { free(base) }

    /// Bytes in it.
    package var count: Int { end - start }
    /// Whether it holds nothing.
    package var isEmpty: Bool { start == end }

    /// The bytes, valid until the buffer is changed.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base.map { UnsafeRawPointer($0 + start) }, count: end - start)
    }

    /// The same, to be written to.
    package var mutableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base.map { $0 + start }, count: end - start)
    }

    /// Adds bytes from elsewhere.
    package mutating func append(_ other: UnsafeRawBufferPointer) {
        guard let source = other.baseAddress, other.count > 0 else { return }
        memcpy(extend(by: other.count), source, other.count)
    }

    /// Adds one byte.
    package mutating func append(_ byte: UInt8) { extend(by: 1).storeBytes(of: byte, as: UInt8.self) }

    /// Adds a text's UTF-8.
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds `count` bytes whose content the caller writes at once; where they begin.
    package mutating func extend(by count: Int) -> UnsafeMutableRawPointer {
        reserve(count)
        guard let base else { preconditionFailure("a buffer without memory was asked for room") }
        let place = base + end
        end += count
        return place
    }

    /// Takes `count` bytes off the end.
    package mutating func removeLast(_ count: Int) { end = max(start, end - count) }

    /// Takes `count` bytes off the front.
    package mutating func removeFirst(_ count: Int) {
        start = min(end, start + count)
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Empties it, and keeps its memory unless there is more of it than `limit` bytes.
    package mutating func removeAll(keeping limit: Int = .max) {
        start = 0
        end = 0
        if capacity > limit {
            free(base)
            base = nil
            capacity = 0
        }
    }

    /// Makes room for `count` more bytes, at least doubling the memory.
    package mutating func reserve(_ count: Int) {
        if end + count <= capacity { return }
        if start > 0, start >= end - start, end - start + count <= capacity, let base {
            memmove(base, base + start, end - start)
        } else {
            let size = max(64, capacity * 2, end - start + count)
            // A process that has no memory left can do nothing of use.
            guard let fresh = malloc(size) else { preconditionFailure("out of memory") }
            if let base { memcpy(fresh, base + start, end - start) }
            free(base)
            base = fresh
            capacity = size
        }
        end -= start
        start = 0
    }
}
