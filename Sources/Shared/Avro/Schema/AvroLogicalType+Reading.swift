import JSON

extension AvroLogicalType {
    /// The logical type that a schema's attributes give to `type`, or nil if there is none or it is not valid there.
    init?(_ attributes: JSONTree, on type: AvroType) {
        guard let name = attributes["logicalType"]?.text else { return nil }
        switch (name, type) {
        case ("decimal", .bytes): self.init(decimal: attributes, maximumPrecision: Int.max)
        case ("decimal", .fixed(let fixed)):
            self.init(decimal: attributes, maximumPrecision: AvroLogicalType.decimalDigits(inBytes: fixed.size))
        case ("uuid", .string): self = .uuid
        case ("date", .int): self = .date
        case ("time-millis", .int): self = .timeMillis
        case ("time-micros", .long): self = .timeMicros
        case ("timestamp-millis", .long): self = .timestampMillis
        case ("timestamp-micros", .long): self = .timestampMicros
        case ("local-timestamp-millis", .long): self = .localTimestampMillis
        case ("local-timestamp-micros", .long): self = .localTimestampMicros
        case ("duration", .fixed(let fixed)) where fixed.size == 12: self = .duration
        default: return nil
        }
    }

    private init?(decimal attributes: JSONTree, maximumPrecision: Int) {
        guard let precision = attributes["precision"]?.integer, precision > 0, precision <= maximumPrecision else {
            return nil
        }
        guard let scaleJSON = attributes["scale"] else {
            self = .decimal(precision: Int(precision), scale: 0)
            return
        }
        guard let scale = scaleJSON.integer, scale >= 0, scale <= precision else { return nil }
        self = .decimal(precision: Int(precision), scale: Int(scale))
    }

    /// The decimal digits that always fit in a two's-complement integer of this many bytes:
    /// ⌊log₁₀(2^(8·n−1) − 1)⌋, here by the ratio 30103/100000, which is log₁₀ 2 rounded up by 4·10⁻⁸ and so right for
    /// every size up to 16 KiB and never below the true figure beyond.
    static func decimalDigits(inBytes size: Int) -> Int {
        size == 0 ? 0 : (8 * size - 1) * 30_103 / 100_000
    }
}
