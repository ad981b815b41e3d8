/// The values for `$1`, `$2` … of a statement, in order, in one buffer that can be used again.
///
/// Text is sent as text and takes the type that the statement gives it; everything else is sent in binary form with its
/// type.
package struct PostgresParameters: Sendable {
    struct Value: Sendable {
        let type: UInt32
        let isBinary: Bool
        /// Nil is NULL. Text has a NUL behind it, which is not counted.
        let range: Range<Int>?
    }

    private(set) var bytes: [UInt8] = []
    private(set) var values: [Value] = []

    /// No values.
    package init() {}

    /// How many values there are.
    package var count: Int { values.count }

    /// Forgets the values and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    /// Adds a text, or NULL. The statement must cast it where the type is not clear.
    /// - Precondition: no NUL byte in it; PostgreSQL has no such text. (A NUL ends the text.)
    package mutating func add(_ text: String?) {
        guard let text else { return values.append(Value(type: 0, isBinary: false, range: nil)) }
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        values.append(Value(type: 0, isBinary: false, range: start..<bytes.count))
        bytes.append(0)
    }

    /// Adds a `bigint`, or NULL.
    package mutating func add(_ number: Int64?) {
        guard let number else { return values.append(Value(type: PostgresType.bigint, isBinary: true, range: nil)) }
        append(type: PostgresType.bigint) { bytes in bytes.append(bigEndian: number) }
    }

    /// Adds an `integer`.
    package mutating func add(_ number: Int32) {
        append(type: PostgresType.integer) { bytes in bytes.append(bigEndian: number) }
    }

    /// Adds a `boolean`.
    package mutating func add(_ flag: Bool) {
        append(type: PostgresType.boolean) { bytes in bytes.append(flag ? 1 : 0) }
    }

    /// Adds a `double precision`.
    package mutating func add(_ number: Double) {
        append(type: PostgresType.double) { bytes in bytes.append(bigEndian: Int64(bitPattern: number.bitPattern)) }
    }

    /// Adds a `uuid`.
    package mutating func add(_ uuid: PostgresUUID) {
        append(type: PostgresType.uuid) { bytes in
            bytes.append(bigEndian: Int64(bitPattern: uuid.high))
            bytes.append(bigEndian: Int64(bitPattern: uuid.low))
        }
    }

    /// Adds a `timestamptz`, in microseconds since 2000-01-01T00:00:00Z, as the server keeps it.
    package mutating func add(timestamp microseconds: Int64) {
        append(type: PostgresType.timestamp) { bytes in bytes.append(bigEndian: microseconds) }
    }

    /// Adds a `text[]`, or NULL.
    package mutating func add(_ texts: [String]?) {
        guard let texts else { return values.append(Value(type: PostgresType.textArray, isBinary: true, range: nil)) }
        append(type: PostgresType.textArray) { bytes in
            bytes.appendArrayHead(of: PostgresType.text, count: texts.count)
            for text in texts {
                bytes.append(bigEndian: Int32(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
    }

    /// Adds a `bigint[]`.
    package mutating func add(_ numbers: [Int64]) {
        append(type: PostgresType.bigintArray) { bytes in
            bytes.appendArrayHead(of: PostgresType.bigint, count: numbers.count)
            for number in numbers {
                bytes.append(bigEndian: Int32(8))
                bytes.append(bigEndian: number)
            }
        }
    }

    /// Adds a `uuid[]`.
    package mutating func add(_ uuids: [PostgresUUID]) {
        append(type: PostgresType.uuidArray) { bytes in
            bytes.appendArrayHead(of: PostgresType.uuid, count: uuids.count)
            for uuid in uuids {
                bytes.append(bigEndian: Int32(16))
                bytes.append(bigEndian: Int64(bitPattern: uuid.high))
                bytes.append(bigEndian: Int64(bitPattern: uuid.low))
            }
        }
    }

    /// Adds an `integer[]`.
    package mutating func add(_ numbers: [Int32]) {
        append(type: PostgresType.integerArray) { bytes in
            bytes.appendArrayHead(of: PostgresType.integer, count: numbers.count)
            for number in numbers {
                bytes.append(bigEndian: Int32(4))
                bytes.append(bigEndian: number)
            }
        }
    }

    /// Adds an `xid[]`: transactions, as `xmin` gives them.
    package mutating func add(transactions: [UInt32]) {
        append(type: PostgresType.xidArray) { bytes in
            bytes.appendArrayHead(of: PostgresType.xid, count: transactions.count)
            for transaction in transactions {
                bytes.append(bigEndian: Int32(4))
                bytes.append(bigEndian: transaction)
            }
        }
    }

    /// Adds a `tid[]`: places of rows in a table, as `ctid` gives them.
    package mutating func add(_ places: [PostgresRowPlace]) {
        append(type: PostgresType.tidArray) { bytes in
            bytes.appendArrayHead(of: PostgresType.tid, count: places.count)
            for place in places {
                bytes.append(bigEndian: Int32(6))
                bytes.append(bigEndian: Int32(bitPattern: place.block))
                bytes.append(UInt8(truncatingIfNeeded: place.index >> 8))
                bytes.append(UInt8(truncatingIfNeeded: place.index))
            }
        }
    }

    private mutating func append(type: UInt32, _ body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        body(&bytes)
        values.append(Value(type: type, isBinary: true, range: start..<bytes.count))
    }
}

extension PostgresParameters {
    /// The types, 0 where the statement tells.
    func withTypes<Result>(_ body: (Int32, UnsafePointer<UInt32>?) -> Result) -> Result {
        values.map(\.type).withUnsafeBufferPointer { body(Int32($0.count), $0.baseAddress) }
    }

    /// The arrays that libpq wants: values, lengths, formats, types, and their count.
    func withPointers<Result>(
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?,
            UnsafePointer<UInt32>?, Int32
        ) -> Result
    ) -> Result {
        let lengths = values.map { Int32($0.range?.count ?? 0) }
        let formats: [Int32] = values.map { $0.isBinary ? 1 : 0 }
        // An empty buffer has no base, and a NULL pointer is SQL's NULL.
        let filler: [UInt8] = [0]
        return (bytes.isEmpty ? filler : bytes).withUnsafeBytes { buffer in
            let base = buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let pointers = values.map { value in value.range.flatMap { base?.advanced(by: $0.lowerBound) } }
            return withTypes { count, types in
                pointers.withUnsafeBufferPointer { pointers in
                    body(pointers.baseAddress, lengths, formats, types, count)
                }
            }
        }
    }
}

/// Object ids of built-in types (pg_type.dat), which never change.
enum PostgresType {
    static let boolean: UInt32 = 16
    static let bigint: UInt32 = 20
    static let integer: UInt32 = 23
    static let text: UInt32 = 25
    static let tid: UInt32 = 27
    static let xid: UInt32 = 28
    static let double: UInt32 = 701
    static let integerArray: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let tidArray: UInt32 = 1010
    static let xidArray: UInt32 = 1011
    static let bigintArray: UInt32 = 1016
    static let timestamp: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
}

extension [UInt8] {
    mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    /// A one-dimensional array from index 1 on, without NULLs (array_recv).
    mutating func appendArrayHead(of type: UInt32, count: Int) {
        append(bigEndian: Int32(count == 0 ? 0 : 1))
        append(bigEndian: Int32(0))
        append(bigEndian: Int32(bitPattern: type))
        guard count > 0 else { return }
        append(bigEndian: Int32(count))
        append(bigEndian: Int32(1))
    }
}
