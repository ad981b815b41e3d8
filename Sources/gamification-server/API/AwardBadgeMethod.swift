import EventLoop
import GRPC
import GamificationProtocol
import Lifecycle
import Observability
import Postgres

/// `/gamification.v1/AwardBadge`.
final class AwardBadgeMethod {
    static let path = "/gamification.v1/AwardBadge"
    /// Longest badge, in bytes: that of a translation's key, which has 256 characters.
    private static let badgeLimit = 1_024
    /// What a caller is asked to wait before the next try, in nanoseconds.
    private static let retryDelay: Int64 = 1_000_000_000

    private let driver: AwardDriver

    static func add(to context: ServerContext, _ driver: AwardDriver) {
        let method = AwardBadgeMethod(driver)
        context.grpc.handle(path) { method.handle($0) }
    }

    private init(_ driver: AwardDriver) { self.driver = driver }

    private func handle(_ call: GRPCCall) {
        do throws(GRPCStatus) {
            let request = try read(call)
            let award = driver.award(request) { Self.answer(call, $0) }
            if award.completion != nil { call.onCancel { [driver] in driver.abandon(award) } }
        } catch {
            call.fail(error)
        }
    }

    // MARK: The request

    private func read(_ call: GRPCCall) throws(GRPCStatus) -> AwardRequest {
        let message: AwardBadgeRequest
        do throws(ProtocolFault) {
            message = try AwardBadgeRequest(decoding: call.request)
        } catch {
            throw GRPCStatus(.invalidArgument, error.description)
        }
        let merchant = PostgresUUID(message.merchantID)
        let customer = PostgresUUID(message.customerID)
        let locale = message.locale.isEmpty ? nil : Locale.canonical(message.locale)
        let isBadge = Self.isBadge(message.badge)
        guard let merchant, let customer, isBadge, message.locale.isEmpty || locale != nil else {
            var violations: [GRPCStatusDetail.FieldViolation] = []
            if merchant == nil { violations.append(.init(field: "merchant_id", description: "must be a UUID")) }
            if customer == nil { violations.append(.init(field: "customer_id", description: "must be a UUID")) }
            if !isBadge {
                violations.append(
                    .init(field: "badge", description: "must have 1 to 256 characters and no control characters"))
            }
            if !message.locale.isEmpty, locale == nil {
                violations.append(.init(field: "locale", description: "must be a language tag such as en or pt-BR"))
            }
            let fields = violations.map { "\($0.field) \($0.description)" }.joined(separator: "; ")
            throw GRPCStatus.badRequest(fields, violations)
        }
        let trace = call.metadata("traceparent").flatMap { TraceContext(traceparent: $0) }
        return AwardRequest(
            merchant: merchant, customer: customer, badge: message.badge, locale: locale, trace: trace,
            looksAgain: false)
    }

    private static func isBadge(_ badge: String) -> Bool {
        var badge = badge
        return badge.withUTF8 { bytes in
            guard (1...badgeLimit).contains(bytes.count), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                return false
            }
            // A character has at most four bytes.
            return bytes.count <= 256 || bytes.count(where: { $0 & 0xC0 != 0x80 }) <= 256
        }
    }

    // MARK: The answer

    private static func answer(_ call: GRPCCall, _ result: AwardResult) {
        switch result {
        case .awarded(let award): respond(call, .awarded, award)
        case .alreadyAwarded(let award): respond(call, .alreadyAwarded, award)
        case .failed(let failure): call.fail(status(failure))
        }
    }

    private static func respond(_ call: GRPCCall, _ status: AwardBadgeResponse.Status, _ award: Award) {
        let time = ProtocolTimestamp(
            seconds: award.awardedAt / 1_000, nanos: Int32(award.awardedAt % 1_000) * 1_000_000)
        AwardBadgeResponse(status: status, eventID: award.eventID.description, awardedAt: time).encode { count, write in
            call.respond(byteCount: count, write)
        }
    }

    /// What a caller is told: what was wrong, and nothing of anybody's data.
    static func status(_ failure: AwardFailure) -> GRPCStatus {
        switch failure {
        case .unknownBadge:
            GRPCStatus(.notFound, "the badge has no translation in this locale, its base language or English")
        case .unknownCustomer: GRPCStatus(.notFound, "the merchant has no such customer")
        case .unavailable(.postgres):
            .retry(.unavailable, "the database does not answer; the award may be made", afterNanoseconds: retryDelay)
        case .unavailable(.users):
            .retry(.unavailable, "users-service does not answer", afterNanoseconds: retryDelay)
        case .backlog:
            .retry(.unavailable, "too many awards wait to be published", afterNanoseconds: 10 * retryDelay)
        case .notReady: .retry(.unavailable, "the server is not ready", afterNanoseconds: retryDelay)
        case .refused: GRPCStatus(.internal, "the award was refused by the database")
        }
    }
}
