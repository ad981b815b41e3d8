import Crypto
import GRPC
import GamificationProtocol
import Postgres

/// `PurgeAuditLogs`.
///
/// It deletes, so it is served only to a caller whose token was judged. Whoever judges tokens gives ``judge``; without one every
/// purge is refused, before anything is stored.
struct PurgeAPI {
    static let path = "/gamification.v1/PurgeAuditLogs"
    private static let tokenLimit = 16 << 10

    /// Judges a token for a merchant: OK, or the status that the caller gets.
    typealias Judge = (
        _ token: String, _ merchant: PostgresUUID, _ completion: @escaping (GRPCStatus) -> Void
    ) -> Void

    let purges: Purges
    var judge: Judge?

    func answer(
        _ request: PurgeAuditLogsRequest, traceID: String?,
        _ completion: @escaping (Result<PurgeAuditLogsResponse, GRPCStatus>) -> Void
    ) {
        var check = RequestCheck()
        let merchant = check.id("merchant_id", request.merchantID)
        if request.jwtToken.utf8.count > Self.tokenLimit { check.report("jwt_token", "is too long") }
        if let refusal = check.refusal { return completion(.failure(refusal)) }
        guard let merchant, !request.jwtToken.isEmpty else {
            return completion(.failure(GRPCStatus(.unauthenticated, "jwt_token is needed")))
        }
        guard let judge else {
            return completion(
                .failure(GRPCStatus(.unauthenticated, "this server judges no tokens, so it purges for nobody")))
        }
        judge(request.jwtToken, merchant) { status in
            if status.code != .ok { return completion(.failure(status)) }
            purge(merchant, traceID, completion)
        }
    }

    private func purge(
        _ merchant: PostgresUUID, _ traceID: String?,
        _ completion: @escaping (Result<PurgeAuditLogsResponse, GRPCStatus>) -> Void
    ) {
        guard purges.hasRoom, let id = Self.randomID() else {
            return completion(
                .failure(.retry(.resourceExhausted, "too many purges are under way", afterNanoseconds: 5_000_000_000)))
        }
        purges.request(merchant, eventID: id, traceID: traceID) { result in
            switch result {
            case .success(let request):
                completion(
                    .success(
                        PurgeAuditLogsResponse(
                            status: .purged, purged: request.purged, eventID: request.eventID.description)))
            case .failure(.database):
                completion(
                    .failure(
                        .retry(
                            .unavailable, "the database is away; ask again to join the purge",
                            afterNanoseconds: 5_000_000_000)))
            case .failure(.archive):
                completion(
                    .failure(
                        .retry(
                            .unavailable, "the archive is not told yet; that follows, ask again to join the purge",
                            afterNanoseconds: 5_000_000_000)))
            }
        }
    }

    /// A UUID of version 4.
    private static func randomID() -> PostgresUUID? {
        guard let hex = try? RandomBytes.hexadecimalID(), hex.utf8.count >= 32,
            let high = UInt64(hex.prefix(16), radix: 16), let low = UInt64(hex.dropFirst(16).prefix(16), radix: 16)
        else { return nil }
        return PostgresUUID(
            high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}
