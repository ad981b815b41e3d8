import EventLoop
import GRPC
import GamificationProtocol
import Observability

/// Puts boards, badges, purges and sweepers into the server.
final class BoardsPart {
    let epoch: BoardEpoch
    let filler: BoardFiller
    let reader: BoardReader
    let sweepers: Sweepers
    let purges: Purges

    private init(_ context: ServerContext) throws {
        let registry = context.metrics.registry
        let filled = registry.counter("gamification_boards_filled_total", help: "Boards filled from the database")
            .with()
        let latency = registry.histogram(
            "gamification_leaderboard_latency_seconds", help: "Time that reading a page of a board took",
            labels: ["cache"])
        epoch = try BoardEpoch(context.loop, redis: context.durable, postgres: context.postgres, log: context.log)
        filler = BoardFiller(
            redis: context.durable, postgres: context.postgres, epoch: epoch, log: context.log, filled: filled)
        reader = BoardReader(
            context.loop, redis: context.durable, postgres: context.postgres, epoch: epoch, filler: filler,
            latency: latency)
        sweepers = try Sweepers(context.loop, context.postgres, log: context.log, metrics: context.metrics)
        purges = try Purges(postgres: context.postgres, kafka: context.kafka) { [unowned context] in
            context.schemas?.auditLog
        }
    }

    /// Adds the methods, the routes and the sweeps.
    static func add(to context: ServerContext) throws {
        let part = try BoardsPart(context)
        part.addMethods(context)
        let rows = RowSweeps()
        let invalidations = try InvalidationSweep(redis: context.caches, kafka: context.kafka) { [unowned context] in
            context.schemas?.cacheInvalidate
        }
        let repairs = RepairSweep(redis: context.durable, filler: part.filler)
        let boards = BoardSweep(context.loop, redis: context.durable, epoch: part.epoch, filler: part.filler)
        for sweep in [
            repairs.sweep, part.purges.sweep, invalidations.sweep, rows.processedEvents, rows.ledger, boards.sweep,
        ] { part.sweepers.add(sweep) }
        context.onShutdown(.intake) { done in
            part.epoch.stop()
            part.sweepers.stop(done)
        }
    }

    private func addMethods(_ context: ServerContext) {
        let leaderboard = LeaderboardAPI(boards: reader)
        let badges = BadgesAPI(postgres: context.postgres)
        let purge = PurgeAPI(purges: purges)
        context.grpc.handle(LeaderboardAPI.path) { call in
            guard let request = call.message(GetLeaderboardRequest.self) else { return }
            leaderboard.answer(request) { call.answer($0) }
        }
        context.grpc.handle(BadgesAPI.path) { call in
            guard let request = call.message(GetBadgesRequest.self) else { return }
            badges.answer(request) { call.answer($0) }
        }
        context.grpc.handle(PurgeAPI.path) { call in
            guard let request = call.message(PurgeAuditLogsRequest.self) else { return }
            let trace = call.metadata("traceparent").flatMap { TraceContext(traceparent: $0) }
            purge.answer(request, traceID: trace?.traceID) { call.answer($0) }
        }
        context.http.handle("GET", LeaderboardAPI.route) { ReadRoutes.leaderboard($0, leaderboard) }
        context.http.handle("GET", BadgesAPI.route) { ReadRoutes.badges($0, badges) }
    }
}
