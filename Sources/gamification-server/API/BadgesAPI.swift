import Events
import GRPC
import GamificationProtocol
import Postgres

/// `GetBadges`, by gRPC and by HTTP.
struct BadgesAPI {
    static let path = "/gamification.v1/GetBadges"
    static let route = "/v1/merchants/{id}/customers/{customer_id}/badges"
    private static let localeLimit = 35

    let postgres: LoopPostgres

    /// The query that a request means, with the size of its page; or what is wrong with it.
    static func query(_ request: GetBadgesRequest) -> Result<(PostgresQuery, size: Int), GRPCStatus> {
        var check = RequestCheck()
        let merchant = check.id("merchant_id", request.merchantID)
        let customer = check.id("customer_id", request.customerID)
        let size = check.pageSize(request.pageSize)
        if request.locale.utf8.count > localeLimit || !request.locale.utf8.allSatisfy(isLocaleByte) {
            check.report("locale", "must be a language tag, such as en or pt-BR")
        }
        let badge = request.pageToken.isEmpty ? nil : PageToken.badge(request.pageToken)
        if badge == nil, !request.pageToken.isEmpty {
            check.report("page_token", "is not one that this method gave")
        }
        if let refusal = check.refusal { return .failure(refusal) }
        guard let merchant, let customer else { return .failure(GRPCStatus(.invalidArgument, "ids are needed")) }
        let query = PostgresQuery(BadgeList.page) {
            $0.add(merchant)
            $0.add(customer)
            $0.add(badge)
            $0.add(Int64(size + 1) as Int64?)
            $0.add(request.locale.isEmpty ? nil : request.locale)
        }
        return .success((query, size))
    }

    private static func isLocaleByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2D, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    func answer(
        _ request: GetBadgesRequest, _ completion: @escaping (Result<GetBadgesResponse, GRPCStatus>) -> Void
    ) {
        switch Self.query(request) {
        case .failure(let status): completion(.failure(status))
        case .success(let (query, size)):
            postgres.run([query], patience: 1_000_000_000, within: 2_000_000_000) { answer in
                guard case .success(let results) = answer, let rows = results.first else {
                    return completion(
                        .failure(
                            .retry(.unavailable, "badges cannot be read now", afterNanoseconds: 1_000_000_000)))
                }
                completion(.success(Self.response(rows, size: size)))
            }
        }
    }

    /// The rows of ``BadgeList/page`` in binary form, of which one more than the page has says that more follow.
    static func response(_ rows: PostgresResult, size: Int) -> GetBadgesResponse {
        let badges = (0..<min(rows.rowCount, size)).map { row -> Badge in
            let badge = rows.text(row, 0) ?? ""
            return Badge(
                badge: badge, name: rows.text(row, 3) ?? badge, locale: rows.text(row, 4) ?? "",
                awardedAt: rows.binaryInteger(row, 2).map { ProtocolTimestamp(databaseMicroseconds: $0) },
                eventID: rows.binaryUUID(row, 1)?.description ?? "")
        }
        let next = rows.rowCount > size ? badges.last.map { PageToken.encode(badge: $0.badge) } : nil
        return GetBadgesResponse(badges: badges, nextPageToken: next ?? "")
    }
}

extension ProtocolTimestamp {
    /// A `timestamptz` of the database: microseconds since 2000-01-01.
    init(databaseMicroseconds: Int64) {
        let (seconds, micros) = databaseMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let isBefore = micros < 0
        self.init(
            seconds: seconds + 946_684_800 - (isBefore ? 1 : 0),
            nanos: Int32((isBefore ? micros + 1_000_000 : micros) * 1_000))
    }
}
