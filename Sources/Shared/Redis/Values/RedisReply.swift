/// One reply of a server, in RESP2 or RESP3.
package enum RedisReply: Sendable, Equatable {
    /// A key with its value in a map.
    package struct Pair: Sendable, Equatable {
        /// The key, of any type.
        package let key: RedisReply
        /// Its value.
        package let value: RedisReply

        /// The pair of these.
        package init(key: RedisReply, value: RedisReply) {
            self.key = key
            self.value = value
        }
    }

    /// Nothing: a missing key, in either protocol.
    case null
    case integer(Int64)
    /// A simple string such as `PONG`.
    case status(String)
    /// A bulk or verbatim string.
    case bytes([UInt8])
    /// An error within an aggregate; one that is the whole reply comes as a failure.
    case error(RedisServerError)
    case array([RedisReply])
    /// RESP3; RESP2 has an array of keys and values.
    case map([Pair])
    /// RESP3.
    case set([RedisReply])
    /// RESP3.
    case double(Double)
    /// RESP3.
    case boolean(Bool)
    /// RESP3; decimal digits.
    case bigNumber(String)
    /// RESP3: not an answer to anything. Counted by the client and not handed on.
    case push([RedisReply])

    /// The status `OK`.
    package static let ok = RedisReply.status("OK")

    /// The text of a string or status; nil for everything else, and for bytes that are not UTF-8.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// A number, also one in a string; nil for everything else.
    package var number: Int64? {
        switch self {
        case .integer(let number): number
        case .bytes, .status: text.flatMap { Int64($0) }
        default: nil
        }
    }

    /// The members of an array, set or push, and of a map keys and values in turn; nil for everything else.
    package var elements: [RedisReply]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        case .map(let pairs): pairs.flatMap { [$0.key, $0.value] }
        default: nil
        }
    }
}
