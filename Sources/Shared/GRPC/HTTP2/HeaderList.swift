import CNGHTTP2
import EventLoop

/// Builds header fields for nghttp2 in memory of its own, kept from use to use.
struct HeaderList: ~Copyable {
    private struct Field {
        var name: UnsafePointer<UInt8>?
        var nameStart = 0
        var nameCount: Int
        var valueStart: Int
        var valueCount = 0
        var flags: UInt8 = 0
    }

    private var text = ByteBuffer()
    private var fields: [Field] = []

    mutating func removeAll() {
        text.removeAll(keeping: 16 << 10)
        fields.removeAll(keepingCapacity: true)
    }

    /// Adds a field whose value `write` appends.
    mutating func add(_ name: StaticString, _ write: (inout ByteBuffer) -> Void) {
        let start = text.count
        write(&text)
        fields.append(
            Field(
                name: name.utf8Start, nameCount: name.utf8CodeUnitCount, valueStart: start,
                valueCount: text.count - start))
    }

    /// The same for a field that is different each time: it is kept out of HPACK's table.
    mutating func addOnce(_ name: StaticString, _ write: (inout ByteBuffer) -> Void) {
        add(name, write)
        fields[fields.count - 1].flags = UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)
    }

    mutating func add(_ name: StaticString, _ value: StaticString) {
        add(name) { $0.append(UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)) }
    }

    mutating func add(_ metadata: GRPCMetadata) {
        for entry in metadata.entries {
            var field = Field(nameStart: text.count, nameCount: entry.name.utf8.count, valueStart: 0)
            text.append(entry.name)
            field.valueStart = text.count
            field.valueCount = entry.value.count
            entry.value.withUnsafeBytes { text.append($0) }
            fields.append(field)
        }
    }

    /// The code, message and details of a status.
    mutating func add(_ status: GRPCStatus) {
        add("grpc-status") { $0.append(String(status.code.rawValue)) }
        if !status.message.isEmpty {
            add("grpc-message") { PercentEncoding.write(status.message, limit: GRPCStatus.messageLimit, into: &$0) }
        }
        if !status.details.isEmpty {
            add("grpc-status-details-bin") { buffer in
                Base64.encode(status.encodedDetails()).withUnsafeBytes { buffer.append($0) }
            }
        }
    }

    /// Bytes of all names and values, and 32 more for each field, as HTTP/2 counts a header list.
    var size: Int { fields.reduce(0) { $0 + $1.nameCount + $1.valueCount + 32 } }

    /// The fields as nghttp2 takes them; it copies them.
    func withNative<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, fields.count)) { native in
            // Nothing writes to the text; the structure has no const.
            let base = UnsafeMutablePointer(mutating: text.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            for (index, field) in fields.enumerated() {
                native.initializeElement(
                    at: index,
                    to: nghttp2_nv(
                        name: field.name.map { UnsafeMutablePointer(mutating: $0) }
                            ?? base.map { $0 + field.nameStart },
                        value: base.map { $0 + field.valueStart }, namelen: field.nameCount,
                        valuelen: field.valueCount, flags: field.flags))
            }
            return body(UnsafePointer(native.baseAddress), fields.count)
        }
    }
}

/// A header block that never changes, in memory that nghttp2 need not copy; it lives as long as its owner, which outlives
/// every session.
final class StaticHeaders {
    let native: UnsafeMutablePointer<nghttp2_nv>
    let count: Int

    init(_ fields: [(StaticString, StaticString)]) {
        count = fields.count
        native = .allocate(capacity: fields.count)
        let flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        for (index, (name, value)) in fields.enumerated() {
            (native + index).initialize(
                to: nghttp2_nv(
                    name: UnsafeMutablePointer(mutating: name.utf8Start),
                    value: UnsafeMutablePointer(mutating: value.utf8Start), namelen: name.utf8CodeUnitCount,
                    valuelen: value.utf8CodeUnitCount, flags: flags))
        }
    }

    deinit { native.deallocate() }
}
