/// Decompresses raw DEFLATE data (RFC 1951), which is Avro's `deflate` codec, into at most a given number of bytes.
///
/// libavro would do it, but only inside its file reader, which takes as much memory as the data claim.
struct Inflate {
    enum Failure: Error, Equatable {
        case truncated
        case malformed
        /// The output would exceed the limit.
        case tooLarge
    }

    private let input: UnsafeRawBufferPointer
    private var position = 0
    /// Bits read from the input and not yet used, the next one lowest.
    private var bits: UInt64 = 0
    private var bitCount = 0
    private var output: [UInt8] = []
    private let limit: Int

    /// The decompressed bytes. Bytes after the end of the stream are left alone: fastavro leaves three of a checksum.
    static func decompress(_ input: UnsafeRawBufferPointer, limit: Int) throws(Failure) -> [UInt8] {
        var inflate = Inflate(input: input, limit: limit)
        while try inflate.block() {}
        return inflate.output
    }

    private init(input: UnsafeRawBufferPointer, limit: Int) {
        self.input = input
        self.limit = limit
        output.reserveCapacity(min(limit, input.count &* 3))
    }

    /// One block; says whether another follows.
    private mutating func block() throws(Failure) -> Bool {
        let isLast = try take(1) == 1
        switch try take(2) {
        case 0: try stored()
        case 1: try compressed(Self.fixedLiterals, Self.fixedDistances)
        case 2:
            let (literals, distances) = try dynamicCodes()
            try compressed(literals, distances)
        default: throw .malformed
        }
        return !isLast
    }

    /// Tops the bit buffer up to at least 56 bits, or all that is left.
    private mutating func fill() {
        while bitCount <= 56, position < input.count {
            bits |= UInt64(input[position]) << UInt64(bitCount)
            position += 1
            bitCount += 8
        }
    }

    private mutating func take(_ count: Int) throws(Failure) -> Int {
        if bitCount < count {
            fill()
            guard bitCount >= count else { throw .truncated }
        }
        let value = bits & ((1 << UInt64(count)) - 1)
        bits >>= UInt64(count)
        bitCount -= count
        return Int(value)
    }

    private mutating func symbol(_ code: HuffmanCode) throws(Failure) -> Int {
        if bitCount < 15 { fill() }
        let entry = code.entries[Int(bits & UInt64(code.entries.count - 1))]
        let length = Int(entry & 15)
        guard length > 0 else { throw bitCount < 15 ? .truncated : .malformed }
        guard length <= bitCount else { throw .truncated }
        bits >>= UInt64(length)
        bitCount -= length
        return Int(entry >> 4)
    }

    private mutating func stored() throws(Failure) {
        _ = try take(bitCount & 7)
        let count = try take(16)
        guard try take(16) == count ^ 0xFFFF else { throw .malformed }
        guard output.count + count <= limit else { throw .tooLarge }
        // What fill() read ahead goes back.
        position -= bitCount / 8
        bits = 0
        bitCount = 0
        guard position + count <= input.count else { throw .truncated }
        output.append(contentsOf: input[position..<position + count])
        position += count
    }

    private mutating func compressed(_ literals: HuffmanCode, _ distances: HuffmanCode) throws(Failure) {
        while true {
            let literal = try symbol(literals)
            if literal < 256 {
                guard output.count < limit else { throw .tooLarge }
                output.append(UInt8(truncatingIfNeeded: literal))
                continue
            }
            if literal == 256 { return }
            guard literal < 286 else { throw .malformed }
            let count = Self.lengths[literal - 257] + (try take(Self.lengthBits[literal - 257]))
            let code = try symbol(distances)
            guard code < 30 else { throw .malformed }
            let distance = Self.distances[code] + (try take(Self.distanceBits[code]))
            guard distance <= output.count else { throw .malformed }
            guard output.count + count <= limit else { throw .tooLarge }
            let start = output.count - distance
            for offset in 0..<count { output.append(output[start + offset]) }
        }
    }

    private mutating func dynamicCodes() throws(Failure) -> (HuffmanCode, HuffmanCode) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let codeCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .malformed }
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for index in 0..<codeCount { codeLengths[Self.codeOrder[index]] = UInt8(try take(3)) }
        let code = try HuffmanCode(codeLengths)
        var lengths: [UInt8] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try symbol(code)
            switch symbol {
            case 0..<16: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths.append(contentsOf: repeatElement(last, count: 3 + (try take(2))))
            case 17: lengths.append(contentsOf: repeatElement(0, count: 3 + (try take(3))))
            default: lengths.append(contentsOf: repeatElement(0, count: 11 + (try take(7))))
            }
        }
        guard lengths.count == literalCount + distanceCount, lengths[256] > 0 else { throw .malformed }
        return (try HuffmanCode(lengths[..<literalCount]), try HuffmanCode(lengths[literalCount...]))
    }
}

extension Inflate {
    private static let codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let lengths = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distances = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
        4_097,
        6_145, 8_193, 12_289, 16_385, 24_577,
    ]
    private static let distanceBits = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    private static let fixedLiterals = HuffmanCode(
        valid: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
            + Array(repeating: 8, count: 8))
    private static let fixedDistances = HuffmanCode(valid: Array(repeating: 5, count: 30))
}

/// A canonical Huffman code as a table that a code of up to 15 bits indexes directly.
private struct HuffmanCode {
    /// By the next bits of the input: symbol times 16 plus the code's length; 0 where no code begins so.
    private(set) var entries: [UInt16]

    /// Lengths by symbol, 0 for a symbol without a code. Throws if there are more codes than their lengths allow.
    init(_ lengths: some Collection<UInt8>) throws(Inflate.Failure) {
        var room = 1 << 15
        for length in lengths where length > 0 { room -= 1 << (15 - Int(length)) }
        guard room >= 0 else { throw .malformed }
        self.init(valid: Array(lengths))
    }

    init(valid lengths: [UInt8]) {
        let longest = Int(lengths.max() ?? 0)
        entries = Array(repeating: 0, count: 1 << longest)
        var code = 0
        for length in 1...max(longest, 1) {
            for (symbol, own) in lengths.enumerated() where Int(own) == length {
                var index = HuffmanCode.reversed(code, length)
                while index < entries.count {
                    entries[index] = UInt16(symbol << 4 | length)
                    index += 1 << length
                }
                code += 1
            }
            code <<= 1
        }
    }

    private static func reversed(_ code: Int, _ length: Int) -> Int {
        (0..<length).reduce(0) { $0 | ((code >> $1) & 1) << (length - 1 - $1) }
    }
}
