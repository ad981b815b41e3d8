import EventLoop
import GRPC
import GamificationProtocol

/// The reads by HTTP; docs/openapi.json describes them, and a test compares.
enum ReadRoutes {
    static func leaderboard(_ exchange: HTTPExchange, _ api: LeaderboardAPI) {
        do throws(GRPCStatus) {
            let query = try QueryParameters(
                exchange.request, known: ["page_size", "page_token", "around_customer_id"])
            let request = GetLeaderboardRequest(
                merchantID: exchange.parameters["id"] ?? "", pageSize: try query.number("page_size"),
                pageToken: query["page_token"], aroundCustomerID: query["around_customer_id"])
            api.answer(request) { HTTPAnswers.answer(exchange, $0) { HTTPAnswers.json($0) } }
        } catch {
            HTTPAnswers.fail(exchange, error)
        }
    }

    static func badges(_ exchange: HTTPExchange, _ api: BadgesAPI) {
        do throws(GRPCStatus) {
            let query = try QueryParameters(exchange.request, known: ["locale", "page_size", "page_token"])
            let request = GetBadgesRequest(
                merchantID: exchange.parameters["id"] ?? "", customerID: exchange.parameters["customer_id"] ?? "",
                locale: query["locale"], pageSize: try query.number("page_size"), pageToken: query["page_token"])
            api.answer(request) { HTTPAnswers.answer(exchange, $0) { HTTPAnswers.json($0) } }
        } catch {
            HTTPAnswers.fail(exchange, error)
        }
    }
}
