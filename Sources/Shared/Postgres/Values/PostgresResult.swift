import CLibPQ

/// How the values of a result are sent.
package enum PostgresFormat: Int32, Sendable {
    /// As text, readable by `text(_:_:)` and `integer(_:_:)`.
    case text = 0
    /// As the types' binary forms, readable by the `binary…` methods; less work on both sides.
    case binary = 1
}

/// The rows, or the count of changed rows, that a statement came to. Rows and columns count from 0; reading a cell that
/// is not there, or in a form that it has not, is a mistake of the program and gives nil.
package final class PostgresResult {
    private let handle: ResultHandle

    /// How many rows there are.
    package let rowCount: Int
    /// How many columns each of them has.
    package let columnCount: Int

    init(_ handle: consuming ResultHandle) {
        rowCount = Int(PQntuples(handle.raw))
        columnCount = Int(PQnfields(handle.raw))
        self.handle = handle
    }

    /// Rows that INSERT, UPDATE, DELETE or COPY touched, or SELECT returned.
    package var affectedRows: Int {
        Int(String(cString: PQcmdTuples(handle.raw))) ?? 0
    }

    /// The name of a column.
    package func columnName(_ column: Int) -> String {
        PQfname(handle.raw, Int32(column)).map { String(cString: $0) } ?? ""
    }

    /// Whether a cell is NULL.
    package func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(handle.raw, Int32(row), Int32(column)) == 1
    }

    /// Hands the bytes of a cell to `body`; nil for NULL. They are valid only there.
    package func withBytes<Value>(
        _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value? {
        guard row < rowCount, column < columnCount, !isNull(row, column),
            let start = PQgetvalue(handle.raw, Int32(row), Int32(column))
        else { return nil }
        let count = Int(PQgetlength(handle.raw, Int32(row), Int32(column)))
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A cell as text: of any type in text format, of text types in binary format too. Nil for NULL.
    package func text(_ row: Int, _ column: Int) -> String? {
        withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    /// A cell in text format as whole number; nil for NULL.
    package func integer(_ row: Int, _ column: Int) -> Int64? {
        text(row, column).flatMap { Int64($0) }
    }

    /// A cell in text format as truth value; nil for NULL.
    package func boolean(_ row: Int, _ column: Int) -> Bool? {
        text(row, column).map { $0 == "t" }
    }

    /// A `bigint`, `integer`, `oid` or `timestamptz` (microseconds since 2000-01-01) in binary format.
    package func binaryInteger(_ row: Int, _ column: Int) -> Int64? {
        withBytes(row, column) { bytes -> Int64? in
            switch bytes.count {
            case 8: bytes.loadUnaligned(as: Int64.self).bigEndian
            case 4: Int64(bytes.loadUnaligned(as: Int32.self).bigEndian)
            case 2: Int64(bytes.loadUnaligned(as: Int16.self).bigEndian)
            default: nil
            }
        }.flatMap { $0 }
    }

    /// A `uuid` in binary format.
    package func binaryUUID(_ row: Int, _ column: Int) -> PostgresUUID? {
        withBytes(row, column) { bytes -> PostgresUUID? in
            guard bytes.count == 16 else { return nil }
            return PostgresUUID(
                high: bytes.loadUnaligned(as: UInt64.self).bigEndian,
                low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian)
        }.flatMap { $0 }
    }

    /// A `ctid` in binary format.
    package func binaryPlace(_ row: Int, _ column: Int) -> PostgresRowPlace? {
        withBytes(row, column) { bytes -> PostgresRowPlace? in
            guard bytes.count == 6 else { return nil }
            return PostgresRowPlace(
                block: bytes.loadUnaligned(as: UInt32.self).bigEndian,
                index: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self).bigEndian)
        }.flatMap { $0 }
    }
}
