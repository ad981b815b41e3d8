import CRdKafka
import Glibc

/// A header's name, kept as librdkafka wants it, so that no text is converted on the hot path.
package struct HeaderName: Sendable, Hashable, CustomStringConvertible {
    /// The name as text; what is no UTF-8 in it is replaced.
    package let description: String
    /// With a NUL at the end.
    let bytes: ContiguousArray<CChar>

    /// - Parameter text: must not contain a NUL; what follows one is cut off.
    package init(_ text: String) {
        let units = text.utf8.prefix { $0 != 0 }
        description = String(decoding: units, as: UTF8.self)
        bytes = ContiguousArray(units.map(CChar.init(bitPattern:)) + [0])
    }

    /// A name that need not be UTF-8, as it was read of a record; what follows a NUL is cut off.
    package init(bytes name: [UInt8]) {
        let units = name.prefix { $0 != 0 }
        description = String(decoding: units, as: UTF8.self)
        bytes = ContiguousArray(units.map(CChar.init(bitPattern:)) + [0])
    }
}

/// What a record says under a header's name.
package enum HeaderValue {
    case absent
    case null
    /// Valid as long as the headers are not edited.
    case bytes(UnsafeRawBufferPointer)
}

/// One record's headers, edited in place: what is not touched keeps its bytes and its order.
///
/// Valid only inside the closure that it is passed to.
package struct HeaderEditor: ~Copyable {
    private let raw: OpaquePointer

    init(_ raw: OpaquePointer) {
        self.raw = raw
    }

    /// How many headers there are, repeated names included.
    package var count: Int { rd_kafka_header_cnt(raw) }

    /// Every header in order, repeated names included. The name comes without its NUL, the value may be nil.
    package func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(raw, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            guard let start = name else { return }
            body(
                UnsafeRawBufferPointer(start: start, count: strlen(start)),
                value.map { UnsafeRawBufferPointer(start: $0, count: size) })
            index += 1
        }
    }

    /// The last header of that name, as Kafka's own `lastHeader`.
    package func last(_ name: HeaderName) -> HeaderValue {
        var value: UnsafeRawPointer?
        var size = 0
        let code = name.bytes.withUnsafeBufferPointer {
            rd_kafka_header_get_last(raw, $0.baseAddress, &value, &size)
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return .absent }
        return value.map { .bytes(UnsafeRawBufferPointer(start: $0, count: size)) } ?? .null
    }

    /// Removes every header of that name.
    package func remove(_ name: HeaderName) {
        _ = name.bytes.withUnsafeBufferPointer { rd_kafka_header_remove(raw, $0.baseAddress) }
    }

    /// Removes every header whose name (without its NUL) the predicate picks; asked once a header that is left.
    package func removeAll(where isPicked: (UnsafeRawBufferPointer) -> Bool) {
        removeAll { name, _ in isPicked(name) }
    }

    /// Removes what the predicate picks by name (without its NUL) and value, and with it every header of that name.
    package func removeAll(
        where isPicked: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Bool
    ) {
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(raw, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            guard let start = name else { return }
            let length = strlen(start)
            let bytes = value.map { UnsafeRawBufferPointer(start: $0, count: size) }
            guard isPicked(UnsafeRawBufferPointer(start: start, count: length), bytes) else {
                index += 1
                continue
            }
            // The name goes with the header while librdkafka still compares others with it.
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { copy in
                guard let address = copy.baseAddress else { return }
                address.update(from: start, count: length + 1)
                rd_kafka_header_remove(raw, address)
            }
        }
    }

    /// Adds a header at the end; its bytes are copied.
    package func append(_ name: HeaderName, _ value: UnsafeRawBufferPointer?) {
        name.bytes.withUnsafeBufferPointer { bytes in
            append(bytes.baseAddress, bytes.count - 1, value)
        }
    }

    /// Adds a header whose name is in raw bytes.
    package func append(name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) {
        append(name.baseAddress?.assumingMemoryBound(to: CChar.self), name.count, value)
    }

    private func append(_ name: UnsafePointer<CChar>?, _ length: Int, _ value: UnsafeRawBufferPointer?) {
        // Nothing there is an empty text to librdkafka only with an address: NULL is a null value. The name's first
        // byte serves, since none of the bytes are read.
        guard let name else { return "".withCString { append($0, 0, value) } }
        let start = value.map { $0.baseAddress ?? UnsafeRawPointer(name) }
        _ = rd_kafka_header_add(raw, name, length, start, value?.count ?? 0)
    }
}
