import Crypto

/// Transactional ids: group, run and a random part, never shared and never used twice, so that a fencing error always
/// means a transaction that timed out.
enum TransactionalID {
    static func make(_ settings: RedriveSettings, lane: Int) -> String {
        let random =
            (try? RandomBytes.hexadecimalID(byteCount: 6)) ?? String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(settings.group).\(settings.run).\(settings.copy).\(lane).\(random)"
    }
}
