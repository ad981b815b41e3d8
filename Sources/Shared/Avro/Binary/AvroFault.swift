/// Why bytes are not a datum of a schema.
package enum AvroFault: UInt8, Error, Sendable {
    case endOfInput
    case varintOverlong
    case integerOutOfRange
    case booleanNotZeroOrOne
    case negativeLength
    case lengthLimit
    case invalidUTF8
    case enumIndexOutOfRange
    case unionBranchOutOfRange
    case blockCountInvalid
    case blockSizeWrong
    case depthLimit
    case itemLimit
    case trailingBytes
    case noReaderSymbol
    case noReaderBranch

    var reason: String {
        switch self {
        case .endOfInput: "the input ends in the middle of a value"
        case .varintOverlong: "a variable-length integer is longer than it needs to be or than 10 bytes"
        case .integerOutOfRange: "an integer does not fit its type"
        case .booleanNotZeroOrOne: "a boolean is neither 0 nor 1"
        case .negativeLength: "a length is negative"
        case .lengthLimit: "a string or byte sequence is longer than the limit"
        case .invalidUTF8: "a string is not UTF-8"
        case .enumIndexOutOfRange: "an enum's index names no symbol"
        case .unionBranchOutOfRange: "a union's index names no branch"
        case .blockCountInvalid: "the number of items in a block is out of range"
        case .blockSizeWrong: "the size written before a block is not the block's size"
        case .depthLimit: "values nest deeper than the limit"
        case .itemLimit: "more items than an input of this size may hold"
        case .trailingBytes: "bytes follow after the end of the value"
        case .noReaderSymbol: "the reader's enum has neither the writer's symbol nor a default"
        case .noReaderBranch: "the reader's schema cannot take the writer's branch"
        }
    }
}

/// Bytes that are not a datum of their schema. A retry cannot help. Never holds any of the bytes.
package struct AvroDecodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    package let fault: AvroFault
    /// Where: bytes from the start of the datum.
    package let offset: Int
    /// The value concerned, such as `lines[3].price`; empty for the whole datum. Items and map entries stand by number.
    package let path: String

    /// All of it in one line.
    package var description: String {
        let place = path.isEmpty ? "" : ", in \(path)"
        return "malformed Avro: \(fault.reason), at byte \(offset)\(place)"
    }
}
