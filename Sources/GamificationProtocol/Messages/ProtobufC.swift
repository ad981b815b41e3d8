import CGamificationProtocol
import Glibc

/// Reading with protobuf-c: the unpacked structure, of the same type as `empty`, lives for the call of `body` only. The
/// descriptor is taken from a structure, since C's own is a constant whose address Swift does not give.
func unpack<Native, Message>(
    _ bytes: UnsafeRawBufferPointer, like empty: Native, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>?,
    _ body: (Native) -> Message
) throws(ProtocolFault) -> Message {
    guard let descriptor else { throw .malformed }
    try WireCheck.check(bytes, descriptor)
    let unpacked = protobuf_c_message_unpack(
        descriptor, nil, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    guard let unpacked else { throw .malformed }
    defer { protobuf_c_message_free_unpacked(unpacked, nil) }
    // Every generated structure begins with the message's base.
    return body(UnsafeRawPointer(unpacked).assumingMemoryBound(to: Native.self).pointee)
}

/// Writing with protobuf-c: `native` points into memory of the arena that made it.
func pack<Native, Result>(
    _ native: Native, _ body: (_ byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Result
) -> Result {
    withUnsafePointer(to: native) { pointer in
        // Every generated structure begins with the message's base.
        let base = UnsafeRawPointer(pointer).assumingMemoryBound(to: ProtobufCMessage.self)
        let count = protobuf_c_message_get_packed_size(base)
        return body(count) { memory in
            guard memory.count >= count, let start = memory.baseAddress else { return 0 }
            return protobuf_c_message_pack(base, start.assumingMemoryBound(to: UInt8.self))
        }
    }
}

/// A string of a structure that protobuf-c unpacked; the empty one stands for none.
func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

func timestamp(_ pointer: UnsafeMutablePointer<Google__Protobuf__Timestamp>?) -> ProtocolTimestamp? {
    pointer.map { ProtocolTimestamp(seconds: $0.pointee.seconds, nanos: $0.pointee.nanos) }
}

/// Memory for what a structure that is to be packed points to, the one owner of it; it goes when the arena does.
final class PackArena {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { free(block) } }

    func text(_ value: String) -> UnsafeMutablePointer<CChar>? {
        let copy = value.withCString { strdup($0) }
        if let copy { blocks.append(UnsafeMutableRawPointer(copy)) }
        return copy
    }

    func message<Native>(_ value: Native) -> UnsafeMutablePointer<Native>? {
        let memory = UnsafeMutablePointer<Native>(OpaquePointer(malloc(MemoryLayout<Native>.size)))
        memory?.initialize(to: value)
        if let memory { blocks.append(UnsafeMutableRawPointer(memory)) }
        return memory
    }

    func list<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element>? {
        if values.isEmpty { return nil }
        let memory = UnsafeMutablePointer<Element>(OpaquePointer(malloc(MemoryLayout<Element>.stride * values.count)))
        memory?.initialize(from: values, count: values.count)
        if let memory { blocks.append(UnsafeMutableRawPointer(memory)) }
        return memory
    }

    func timestamp(_ value: ProtocolTimestamp?) -> UnsafeMutablePointer<Google__Protobuf__Timestamp>? {
        guard let value else { return nil }
        var native = Google__Protobuf__Timestamp()
        google__protobuf__timestamp__init(&native)
        native.seconds = value.seconds
        native.nanos = value.nanos
        return message(native)
    }
}
