/// COPY's text format.
enum CopyText {
    static func append(_ row: ArchivedRow, number: Int, to bytes: inout [UInt8]) {
        bytes += Array(String(number).utf8)
        for field in [row.id, row.key, row.locale, row.value, row.version, String(row.createdAt)] {
            bytes.append(0x09)
            for byte in field.utf8 {
                switch byte {
                case 0x5C: bytes += [0x5C, 0x5C]
                case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
                case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
                case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
                default: bytes.append(byte)
                }
            }
        }
        bytes.append(0x0A)
    }
}
