import Events
import Foundation

/// A record's headers as a test writes them.
typealias HeaderList = [(name: [UInt8], value: [UInt8]?)]

/// One header of text.
func header(_ name: String, _ value: String) -> (name: [UInt8], value: [UInt8]?) {
    (Array(name.utf8), Array(value.utf8))
}

/// One header of bytes.
func header(_ name: String, bytes value: [UInt8]?) -> (name: [UInt8], value: [UInt8]?) {
    (Array(name.utf8), value)
}

/// The three headers of an origin as text, behind a prefix.
func origin(_ prefix: String, _ topic: String, _ partition: String, _ offset: String) -> HeaderList {
    [header(prefix + "topic", topic), header(prefix + "partition", partition), header(prefix + "offset", offset)]
}

/// The big-endian bytes of a number.
func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

extension DeadLetterReader {
    /// Reads a record and lets `body` look at reader and result while the bytes are still there.
    mutating func read<Result>(
        _ headers: HeaderList, _ body: (inout DeadLetterReader, DeadLetter) throws -> Result
    ) rethrows -> Result {
        begin()
        var kept: [UnsafeMutableRawBufferPointer] = []
        defer { kept.forEach { $0.deallocate() } }
        for (name, value) in headers {
            let nameBytes = UnsafeMutableRawBufferPointer.allocate(byteCount: name.count, alignment: 1)
            nameBytes.copyBytes(from: name)
            kept.append(nameBytes)
            var valueBytes: UnsafeMutableRawBufferPointer?
            if let value {
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: value.count, alignment: 1)
                copy.copyBytes(from: value)
                kept.append(copy)
                valueBytes = copy
            }
            visit(name: UnsafeRawBufferPointer(nameBytes), value: valueBytes.map { UnsafeRawBufferPointer($0) })
        }
        let letter = finish()
        return try body(&self, letter)
    }

    /// What a record's headers say.
    mutating func letter(_ headers: HeaderList) -> DeadLetter {
        read(headers) { _, letter in letter }
    }
}

/// What one record's headers say, read by a reader of its own.
func letter(_ headers: HeaderList) -> DeadLetter {
    var reader = DeadLetterReader()
    return reader.letter(headers)
}

/// The conflicts of one record.
func conflicts(_ headers: HeaderList) -> [HeaderConflict] {
    var reader = DeadLetterReader()
    return reader.read(headers) { reader, letter in reader.conflicts(of: letter) }
}

extension HeaderBatch {
    /// The batch as a list.
    var list: HeaderList {
        var list: HeaderList = []
        forEach { name, value in list.append((Array(name), Array(value))) }
        return list
    }
}

/// The record as it stands after an operation: what the policy leaves, then what the batch adds.
func edited(_ headers: HeaderList, _ operation: HeaderPolicy.Operation, _ batch: borrowing HeaderBatch) -> HeaderList {
    let policy = HeaderPolicy(operation)
    let kept = headers.filter { header in !header.name.withUnsafeBytes { policy.removes($0) } }
    return kept + batch.list
}

/// Headers as `name=value` with values that are no printable text in hexadecimal, for comparison.
func text(_ headers: HeaderList) -> [String] {
    headers.map { name, value in
        let shown: String
        if let value {
            let isText = value.allSatisfy { (0x20...0x7E).contains($0) }
            shown = isText ? String(decoding: value, as: UTF8.self) : value.map { String(format: "%02x", $0) }.joined()
        } else {
            shown = "null"
        }
        return String(decoding: name, as: UTF8.self) + "=" + shown
    }
}
