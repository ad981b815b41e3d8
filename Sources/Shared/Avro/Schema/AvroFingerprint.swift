extension AvroSchema {
    /// The CRC-64-AVRO fingerprint of the canonical form (Avro 1.11, "Schema Fingerprints"). Tells schemas apart in
    /// caches and logs; it is not cryptographic.
    package var fingerprint: UInt64 {
        var value = Crc64Avro.empty
        for byte in canonicalForm.utf8 {
            value = (value >> 8) ^ Crc64Avro.table[Int(UInt8(truncatingIfNeeded: value) ^ byte)]
        }
        return value
    }
}

private enum Crc64Avro {
    static let empty: UInt64 = 0xc15d_213a_a4d7_a795
    static let table: [UInt64] = (0..<256).map { index in
        (0..<8).reduce(UInt64(index)) { value, _ in (value >> 1) ^ (empty & (0 &- (value & 1))) }
    }
}
