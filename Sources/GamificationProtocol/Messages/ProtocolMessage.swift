import CGamificationProtocol

/// A message of the protocol files, as a Swift value; protobuf-c does the encoding.
package protocol ProtocolMessage: Sendable, Equatable {
    /// Reads a message. Text is checked: UTF-8, without NUL.
    init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault)

    /// Calls `body` with the size of the encoding and what writes it into memory of that size, once; it returns the number of
    /// bytes that it wrote.
    func encode<Result>(_ body: (_ byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Result) -> Result
}

extension ProtocolMessage {
    /// Reads a message from an array.
    package init(decoding bytes: [UInt8]) throws(ProtocolFault) {
        // withUnsafeBytes does not pass typed errors on.
        let result = bytes.withUnsafeBytes { bytes -> Result<Self, ProtocolFault> in
            do throws(ProtocolFault) { return .success(try Self(decoding: bytes)) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    /// The encoding as an array.
    package var encoded: [UInt8] {
        encode { count, write in
            [UInt8](unsafeUninitializedCapacity: count) { $1 = write(UnsafeMutableRawBufferPointer($0)) }
        }
    }
}

/// A moment, as `google.protobuf.Timestamp`.
package struct ProtocolTimestamp: Sendable, Equatable {
    /// Seconds since 1970, UTC.
    package var seconds: Int64
    /// 0 to 999,999,999.
    package var nanos: Int32

    /// A moment of these parts.
    package init(seconds: Int64, nanos: Int32) {
        self.seconds = seconds
        self.nanos = nanos
    }
}
