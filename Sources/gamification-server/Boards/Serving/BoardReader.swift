import EventLoop
import GRPC
import Lifecycle
import Observability
import Postgres
import Redis

/// What is asked about a board.
struct BoardQuestion: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case after(BoardPlace?)
        case around(PostgresUUID)
    }

    let merchant: PostgresUUID
    let part: Part
    let size: Int
}

/// Answers questions about boards: from Redis if the board is filled in the present epoch, else from PostgreSQL, and then the
/// board is filled.
final class BoardReader {
    /// Reads from PostgreSQL that may be under way, each of which goes through all of a merchant's customers; more are refused.
    private static let databaseLimit = 4

    private let loop: EventLoop
    private let redis: LoopRedis
    private let postgres: LoopPostgres
    private let epoch: BoardEpoch
    private let filler: BoardFiller
    private let hits: Histogram
    private let misses: Histogram
    private var databaseReads = 0

    init(
        _ loop: EventLoop, redis: LoopRedis, postgres: LoopPostgres, epoch: BoardEpoch, filler: BoardFiller,
        latency: HistogramFamily
    ) {
        self.loop = loop
        self.redis = redis
        self.postgres = postgres
        self.epoch = epoch
        self.filler = filler
        hits = latency.with("hit")
        misses = latency.with("miss")
    }

    /// Answers with a page, or NOT_FOUND for a customer without points, or UNAVAILABLE.
    func read(_ question: BoardQuestion, _ completion: @escaping (Result<BoardPage, GRPCStatus>) -> Void) {
        let start = loop.now
        guard let current = epoch.current, redis.isWorthAsking(at: start) else {
            return readDatabase(question, start, completion)
        }
        let merchant = question.merchant.description
        let command =
            switch question.part {
            case .after(let place):
                BoardQueries.page(redis.keys, merchant: merchant, epoch: current, after: place, size: question.size)
            case .around(let customer):
                BoardQueries.around(
                    redis.keys, merchant: merchant, epoch: current, customer: customer.description, size: question.size)
            }
        redis.send(command, within: 250_000_000) { [self] answer in
            guard case .success(let reply) = answer, let reading = BoardReading(reply) else {
                return readDatabase(question, start, completion)
            }
            switch reading {
            case .notFilled:
                filler.want(question.merchant)
                readDatabase(question, start, completion)
            case .noSuchCustomer:
                hits.observe(loop.now.seconds(since: start))
                completion(.failure(Self.noSuchCustomer))
            case .page(let page):
                hits.observe(loop.now.seconds(since: start))
                completion(.success(page))
            }
        }
    }

    private static let noSuchCustomer = GRPCStatus(.notFound, "the customer has no points with this merchant")

    private func readDatabase(
        _ question: BoardQuestion, _ start: MonotonicInstant,
        _ completion: @escaping (Result<BoardPage, GRPCStatus>) -> Void
    ) {
        guard databaseReads < Self.databaseLimit else {
            return completion(
                .failure(.retry(.unavailable, "the boards are being filled", afterNanoseconds: 1_000_000_000)))
        }
        databaseReads += 1
        postgres.run(queries(question), patience: 1_000_000_000, within: 5_000_000_000) { [self] answer in
            databaseReads -= 1
            misses.observe(loop.now.seconds(since: start))
            switch answer {
            case .failure:
                completion(
                    .failure(.retry(.unavailable, "the board cannot be read now", afterNanoseconds: 1_000_000_000)))
            case .success(let results): completion(page(question, results))
            }
        }
    }

    private func queries(_ question: BoardQuestion) -> [PostgresQuery] {
        let (merchant, size) = (question.merchant, question.size)
        switch question.part {
        case .after(let place):
            return [
                PostgresQuery(
                    BoardStatements.page,
                    BoardStatements.pageParameters(merchant: merchant, after: place, size: size)),
                PostgresQuery(BoardStatements.count) { $0.add(merchant) },
            ]
        case .around(let customer):
            return [
                PostgresQuery(
                    BoardStatements.around,
                    BoardStatements.aroundParameters(merchant: merchant, customer: customer, size: size))
            ]
        }
    }

    private func page(_ question: BoardQuestion, _ results: [PostgresResult]) -> Result<BoardPage, GRPCStatus> {
        guard let first = results.first else { return .failure(GRPCStatus(.internal, "the database gave no answer")) }
        switch question.part {
        case .after:
            let count = results.last?.binaryInteger(0, 0) ?? 0
            return .success(BoardPage(page: first, size: question.size, count: count))
        case .around:
            return BoardPage(around: first).map { .success($0) } ?? .failure(Self.noSuchCustomer)
        }
    }
}
