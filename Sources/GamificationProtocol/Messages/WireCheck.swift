import CGamificationProtocol

/// Walks over an encoded message beside its descriptor before protobuf-c sees it, for what protobuf-c does not check: text that
/// is not UTF-8 or that a NUL would cut, and unknown fields, each of which it would keep in memory of its own.
struct WireCheck {
    private static let unknownLimit = 256
    private static let depthLimit = 8

    private var unknown = 0

    static func check(
        _ bytes: UnsafeRawBufferPointer, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(ProtocolFault) {
        var check = WireCheck()
        try check.message(bytes, descriptor, depth: 0)
    }

    private mutating func message(
        _ bytes: UnsafeRawBufferPointer, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, depth: Int
    ) throws(ProtocolFault) {
        guard depth < Self.depthLimit else { throw .excessive }
        var position = 0
        while position < bytes.count {
            let key = try Self.varint(bytes, &position)
            let number = key >> 3
            guard number > 0, number <= 0x1FFF_FFFF else { throw .malformed }
            let field = protobuf_c_message_descriptor_get_field(descriptor, UInt32(number))
            if field == nil {
                unknown += 1
                if unknown > Self.unknownLimit { throw .excessive }
            }
            switch key & 7 {
            case 0: _ = try Self.varint(bytes, &position)
            case 1: try Self.skip(8, bytes, &position)
            case 2:
                let count = try Self.varint(bytes, &position)
                guard count <= UInt64(bytes.count - position) else { throw .malformed }
                let content = UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
                position += Int(count)
                if let field { try self.content(content, field.pointee, depth: depth) }
            case 5: try Self.skip(4, bytes, &position)
            default: throw .malformed
            }
        }
    }

    private mutating func content(
        _ bytes: UnsafeRawBufferPointer, _ field: ProtobufCFieldDescriptor, depth: Int
    ) throws(ProtocolFault) {
        switch field.type {
        case PROTOBUF_C_TYPE_STRING:
            // A NUL is valid UTF-8, but ends the string for protobuf-c.
            let isText = !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
            if !isText { throw .badText(field: field.name.map { String(cString: $0) } ?? "a field") }
        case PROTOBUF_C_TYPE_MESSAGE:
            guard let descriptor = field.descriptor else { throw .malformed }
            try message(bytes, descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self), depth: depth + 1)
        default: break
        }
    }

    private static func skip(
        _ count: Int, _ bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) throws(ProtocolFault) {
        guard count <= bytes.count - position else { throw .malformed }
        position += count
    }

    private static func varint(
        _ bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) throws(ProtocolFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, position < bytes.count {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed
    }
}
