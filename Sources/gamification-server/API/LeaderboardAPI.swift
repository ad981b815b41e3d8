import GRPC
import GamificationProtocol

/// `GetLeaderboard`, by gRPC and by HTTP.
struct LeaderboardAPI {
    static let path = "/gamification.v1/GetLeaderboard"
    static let route = "/v1/merchants/{id}/leaderboard"

    let boards: BoardReader

    /// What a request asks, or what is wrong with it.
    static func question(_ request: GetLeaderboardRequest) -> Result<BoardQuestion, GRPCStatus> {
        var check = RequestCheck()
        let merchant = check.id("merchant_id", request.merchantID)
        let size = check.pageSize(request.pageSize)
        let customer = check.optionalID("around_customer_id", request.aroundCustomerID)
        var place: BoardPlace?
        if !request.pageToken.isEmpty {
            place = PageToken.place(request.pageToken)
            if place == nil { check.report("page_token", "is not one that this method gave") }
            if customer != nil { check.report("around_customer_id", "cannot stand beside page_token") }
        }
        if let refusal = check.refusal { return .failure(refusal) }
        guard let merchant else { return .failure(GRPCStatus(.invalidArgument, "merchant_id is needed")) }
        return .success(
            BoardQuestion(merchant: merchant, part: customer.map { .around($0) } ?? .after(place), size: size))
    }

    func answer(
        _ request: GetLeaderboardRequest, _ completion: @escaping (Result<GetLeaderboardResponse, GRPCStatus>) -> Void
    ) {
        switch Self.question(request) {
        case .failure(let status): completion(.failure(status))
        case .success(let question): boards.read(question) { completion($0.map(Self.response)) }
        }
    }

    private static func response(_ page: BoardPage) -> GetLeaderboardResponse {
        GetLeaderboardResponse(
            entries: page.entries.map { LeaderboardEntry(customerID: $0.customer, points: $0.points, rank: $0.rank) },
            nextPageToken: page.end.map { PageToken.encode($0) } ?? "", total: page.total)
    }
}
