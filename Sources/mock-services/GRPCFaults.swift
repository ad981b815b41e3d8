import GRPC

/// What a gRPC stand-in does wrong on purpose.
struct GRPCFaults: Sendable {
    /// How late every answer is.
    var delayMilliseconds = 0
    /// The share of calls, 0 to 1, that end with `code`, spread evenly: of N calls it is N times the share, whatever N.
    var errorRatio = 0.0
    var code = GRPCCode.unavailable
    /// Nobody listens.
    var isAway = false
    private var debt = 0.0

    init(delayMilliseconds: Int = 0, errorRatio: Double = 0, isAway: Bool = false) {
        self.delayMilliseconds = delayMilliseconds
        self.errorRatio = errorRatio
        self.isAway = isAway
    }

    /// What can be changed at run time; what is left out stays.
    struct Change: Decodable {
        let delayMs: Int?
        let errorRatio: Double?
        let errorCode: String?
        let away: Bool?
    }

    /// False, and nothing changed, if there is no such code.
    mutating func apply(_ change: Change) -> Bool {
        if let name = change.errorCode {
            guard let code = GRPCCode.allCases.first(where: { $0.description == name && $0 != .ok }) else {
                return false
            }
            self.code = code
        }
        delayMilliseconds = min(max(0, change.delayMs ?? delayMilliseconds), 3_600_000)
        errorRatio = min(max(0, change.errorRatio ?? errorRatio), 1)
        isAway = change.away ?? isAway
        return true
    }

    /// The failure for this call, if it is to fail.
    mutating func takeFailure() -> GRPCStatus? {
        debt += errorRatio
        guard debt >= 1 else { return nil }
        debt -= 1
        return GRPCStatus(code, "a failure that was asked for")
    }
}
