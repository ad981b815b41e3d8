import CAvro

@testable import Avro

/// libavro's generic values, given only data that the tests made themselves.
final class LibAvroPeer {
    struct Failure: Error {
        /// What libavro refused, in its own words where it has some.
        let step: String
    }

    private let schema: avro_schema_t
    private let interface: UnsafeMutablePointer<avro_value_iface_t>

    init(_ text: String) throws(Failure) {
        var parsed: avro_schema_t?
        guard avro_schema_from_json_length(text, text.utf8.count, &parsed) == 0, let parsed else {
            throw Failure(step: "schema")
        }
        guard let interface = avro_generic_class_from_schema(parsed) else { throw Failure(step: "class") }
        schema = parsed
        self.interface = interface
    }

    deinit {
        interface.pointee.decref_iface?(interface)
        avro_schema_decref(schema)
    }

    private func withValue<Result>(_ body: (inout avro_value_t) throws(Failure) -> Result) throws(Failure) -> Result {
        var value = avro_value_t()
        guard avro_generic_value_new(interface, &value) == 0 else { throw Failure(step: "value") }
        defer { avro_value_decref(&value) }
        return try body(&value)
    }

    func encode(_ value: AvroValue, of schema: AvroSchema) throws(Failure) -> [UInt8] {
        try withValue { target throws(Failure) in
            try set(&target, value, schema, schema.root)
            var size = 0
            guard avro_value_sizeof(&target, &size) == 0 else { throw Failure(step: "size") }
            var bytes = [CChar](repeating: 0, count: size)
            let code = bytes.withUnsafeMutableBufferPointer { buffer in
                let writer = avro_writer_memory(buffer.baseAddress, Int64(size))
                defer { avro_writer_free(writer) }
                return avro_value_write(writer, &target)
            }
            guard code == 0 else { throw Failure(step: "write") }
            return bytes.map { UInt8(bitPattern: $0) }
        }
    }

    /// Decodes and compares with what it should be by encoding again.
    func reencode(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        try withValue { value throws(Failure) in
            var read: Int32 = 0
            // One byte more, because libavro takes no empty buffer.
            var source = bytes.map { CChar(bitPattern: $0) } + [0]
            source.withUnsafeMutableBufferPointer { buffer in
                let reader = avro_reader_memory(buffer.baseAddress, Int64(bytes.count))
                defer { avro_reader_free(reader) }
                read = avro_value_read(reader, &value)
            }
            guard read == 0 else { throw Failure(step: "read: " + String(cString: avro_strerror())) }
            var size = 0
            guard avro_value_sizeof(&value, &size) == 0 else { throw Failure(step: "size") }
            var result = [CChar](repeating: 0, count: size)
            result.withUnsafeMutableBufferPointer { buffer in
                let writer = avro_writer_memory(buffer.baseAddress, Int64(size))
                defer { avro_writer_free(writer) }
                read = avro_value_write(writer, &value)
            }
            guard read == 0 else { throw Failure(step: "write") }
            return result.map { UInt8(bitPattern: $0) }
        }
    }

    /// The macros of libavro's value interface, spelled out.
    private func set(
        _ target: inout avro_value_t, _ value: AvroValue, _ schema: AvroSchema, _ id: AvroTypeID
    ) throws(Failure) {
        let face = target.iface
        let this = target.`self`
        var code: Int32? = 0
        switch (value, schema[id].type) {
        case (.null, _): code = face?.pointee.set_null(face, this)
        case (.boolean(let flag), _): code = face?.pointee.set_boolean(face, this, flag ? 1 : 0)
        case (.int(let number), _): code = face?.pointee.set_int(face, this, number)
        case (.long(let number), _): code = face?.pointee.set_long(face, this, number)
        case (.float(let number), _): code = face?.pointee.set_float(face, this, number)
        case (.double(let number), _): code = face?.pointee.set_double(face, this, number)
        case (.bytes(var bytes), _):
            let count = bytes.count
            code = bytes.withUnsafeMutableBytes { buffer in
                var empty: UInt8 = 0
                return withUnsafeMutableBytes(of: &empty) { none in
                    face?.pointee.set_bytes(face, this, buffer.baseAddress ?? none.baseAddress, count)
                }
            }
        case (.fixed(var bytes), _):
            let count = bytes.count
            code = bytes.withUnsafeMutableBytes { buffer in
                var empty: UInt8 = 0
                return withUnsafeMutableBytes(of: &empty) { none in
                    face?.pointee.set_fixed(face, this, buffer.baseAddress ?? none.baseAddress, count)
                }
            }
        case (.string(let text), _):
            var bytes = Array(text.utf8CString)
            code = bytes.withUnsafeMutableBufferPointer { buffer in
                face?.pointee.set_string_len(face, this, buffer.baseAddress, buffer.count)
            }
        case (.enumeration(let symbol), .enumeration(let enumeration)):
            code = face?.pointee.set_enum(face, this, Int32(enumeration.symbols.firstIndex(of: symbol) ?? -1))
        case (.array(let items), .array(let type)):
            for item in items {
                var child = avro_value_t()
                code = face?.pointee.append(face, this, &child, nil)
                try set(&child, item, schema, type)
            }
        case (.map(let entries), .map(let type)):
            for entry in entries {
                var child = avro_value_t()
                code = face?.pointee.add(face, this, entry.key, &child, nil, nil)
                try set(&child, entry.value, schema, type)
            }
        case (.union(let branch, let inner), .union(let branches)):
            var child = avro_value_t()
            code = face?.pointee.set_branch(face, this, Int32(branch), &child)
            try set(&child, inner, schema, branches[branch])
        case (.record(let values), .record(let record)):
            for (index, inner) in values.enumerated() {
                var child = avro_value_t()
                code = face?.pointee.get_by_index(face, this, index, &child, nil)
                try set(&child, inner, schema, record.fields[index].type)
            }
        default: code = nil
        }
        guard code == 0 else { throw Failure(step: "set") }
    }
}
