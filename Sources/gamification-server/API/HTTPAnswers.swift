import CommandLine
import EventLoop
import Events
import GRPC
import GamificationProtocol

/// The HTTP form of answers: JSON with the names of the protocol files.
enum HTTPAnswers {
    static func status(_ code: GRPCCode) -> Int {
        switch code {
        case .ok: 200
        case .invalidArgument: 400
        case .unauthenticated: 401
        case .permissionDenied: 403
        case .notFound: 404
        case .resourceExhausted: 429
        case .unavailable: 503
        case .deadlineExceeded: 504
        default: 500
        }
    }

    static func fail(_ exchange: HTTPExchange, _ status: GRPCStatus) {
        var fields: [(name: String, value: String)] = []
        if let delay = status.retryDelay { fields.append(("Retry-After", "\((delay + 999_999_999) / 1_000_000_000)")) }
        let error: JSONValue = ["code": .string(status.code.description), "message": .string(status.message)]
        let body: JSONValue = ["error": error]
        exchange.respond(
            status: Self.status(status.code), contentType: "application/json", fields: fields,
            body: (body.line + "\n").utf8)
    }

    static func answer<Message>(
        _ exchange: HTTPExchange, _ result: Result<Message, GRPCStatus>, _ json: (Message) -> JSONValue
    ) {
        switch result {
        case .failure(let status): fail(exchange, status)
        case .success(let message):
            exchange.respond(status: 200, contentType: "application/json", text: json(message).line + "\n")
        }
    }

    static func json(_ response: GetLeaderboardResponse) -> JSONValue {
        [
            "entries": .array(
                response.entries.map {
                    ["customer_id": .string($0.customerID), "points": .integer($0.points), "rank": .integer($0.rank)]
                }),
            "next_page_token": .string(response.nextPageToken), "total": .integer(response.total),
        ]
    }

    static func json(_ response: GetBadgesResponse) -> JSONValue {
        [
            "badges": .array(
                response.badges.map { badge in
                    [
                        "badge": .string(badge.badge), "name": .string(badge.name), "locale": .string(badge.locale),
                        "awarded_at": badge.awardedAt.map { .string(text($0)) } ?? .null,
                        "event_id": .string(badge.eventID),
                    ]
                }),
            "next_page_token": .string(response.nextPageToken),
        ]
    }

    private static func text(_ time: ProtocolTimestamp) -> String {
        RFC3339.string(milliseconds: time.seconds * 1_000 + Int64(time.nanos) / 1_000_000)
    }
}
