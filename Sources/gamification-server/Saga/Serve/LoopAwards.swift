import EventLoop
import Observability
import Postgres

/// The saga's way to the award path, which lives on the event loop's thread: a wave's awards go over together.
final class LoopAwards: SagaAwards {
    /// Awards that go to the path at a time.
    private static let batch = 500

    fileprivate struct Message: Sendable {
        let awards: [SagaAward]
        let answer: CheckedContinuation<[AwardOutcome], Never>
    }

    /// What the loop's thread keeps of it: the inbox that receives.
    final class Desk {
        fileprivate let inbox: LoopInbox<Message>

        fileprivate init(_ context: ServerContext) throws(EventLoopError) {
            inbox = try LoopInbox(context.loop) { [unowned context] message in
                guard let path = context.awards else {
                    return message.answer.resume(returning: message.awards.map { _ in .unavailable })
                }
                path.award(message.awards.map(Self.request)) { results in
                    message.answer.resume(returning: results.map(Self.outcome))
                }
            }
        }

        private static func request(_ award: SagaAward) -> AwardRequest {
            AwardRequest(
                merchant: award.merchant, customer: award.customer, badge: award.badge, locale: nil,
                trace: award.traceparent.flatMap { TraceContext(traceparent: $0) }?.child(), looksAgain: true)
        }

        private static func outcome(_ result: AwardResult) -> AwardOutcome {
            switch result {
            case .awarded, .alreadyAwarded: .awarded
            case .failed(.unknownBadge): .badgeUnknown
            case .failed(.unknownCustomer): .customerNotFound
            case .failed(.refused): .refused
            case .failed(.unavailable), .failed(.backlog), .failed(.notReady): .unavailable
            }
        }
    }

    private let sender: LoopSender<Message>

    /// Makes both ends; the desk must live as long as the loop runs.
    static func make(_ context: ServerContext) throws(EventLoopError) -> (LoopAwards, Desk) {
        let desk = try Desk(context)
        return (LoopAwards(desk.inbox.sender), desk)
    }

    private init(_ sender: LoopSender<Message>) { self.sender = sender }

    func award(_ awards: [SagaAward]) async -> [AwardOutcome] {
        var outcomes: [AwardOutcome] = []
        outcomes.reserveCapacity(awards.count)
        var rest = awards[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(part.count)
            outcomes += await withCheckedContinuation { answer in
                if !sender.send(Message(awards: part, answer: answer)) {
                    answer.resume(returning: part.map { _ in .unavailable })
                }
            }
        }
        return outcomes
    }
}
