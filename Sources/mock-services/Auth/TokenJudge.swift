import FoundationEssentials
import GRPC
import GamificationProtocol

/// Judges tokens of the form `HEADER.PAYLOAD.stand-in`: the payload, JSON in base64url with `merchant_id`, `scopes`, `jti` and
/// `exp`, is taken at its word. So whoever tests can make tokens, and nobody takes them for real ones.
struct TokenJudge {
    private struct Payload: Decodable {
        let merchantID: String
        let scopes: [String]?
        let jti: String?
        let exp: Double?

        private enum CodingKeys: String, CodingKey {
            case merchantID = "merchant_id"
            case scopes, jti, exp
        }
    }

    /// Seconds since 1970.
    let now: () -> Double

    /// `/auth.v1/ValidateToken`.
    func answer(_ request: ValidateTokenRequest) -> Result<ValidateTokenResponse, GRPCStatus> {
        let parts = request.jwtToken.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "stand-in", let payload = Self.payload(parts[1]) else {
            return .failure(GRPCStatus(.unauthenticated, "not a token of this stand-in"))
        }
        if let end = payload.exp, end <= now() {
            return .failure(GRPCStatus(.unauthenticated, "the token has expired"))
        }
        let end = payload.exp.map { min(max($0, 0), 253_402_300_799) }
        return .success(
            ValidateTokenResponse(
                merchantID: payload.merchantID, scopes: payload.scopes ?? [], jti: payload.jti ?? "",
                expiresAt: end.map { ProtocolTimestamp(seconds: Int64($0), nanos: 0) }))
    }

    private static func payload(_ text: Substring) -> Payload? {
        var base64 = String(text).replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64) else { return nil }
        return try? JSONDecoder().decode(Payload.self, from: data)
    }
}
