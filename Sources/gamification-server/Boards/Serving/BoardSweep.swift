import EventLoop
import Lifecycle
import Postgres
import Redis

/// Fills the boards that are not filled in the present epoch, without being asked: it walks over all merchants with points,
/// begins anew as soon as the epoch rises, and otherwise looks again now and then, for boards that were taken out of a Redis
/// that kept running.
final class BoardSweep {
    /// Boards that are looked at in one round trip.
    private static let looks = 100
    /// How long one pass goes on, in nanoseconds, before the other sweeps come; a fill that was begun is finished.
    private static let passLength: Int64 = 250_000_000
    /// Nanoseconds between two walks in one epoch.
    private static let rest: Int64 = 10_000_000_000

    private let loop: EventLoop
    private let redis: LoopRedis
    private let epoch: BoardEpoch
    private let filler: BoardFiller
    /// The epoch of this walk.
    private var walked: Int64?
    /// Merchants that were read and not yet looked at.
    private var list: ArraySlice<PostgresUUID> = []
    /// The last merchant of the list that was read; nil at the beginning of a walk.
    private var last: PostgresUUID?
    /// Whether a board of this walk could not be filled; then the next one begins at once.
    private var hasFailed = false
    private var restsUntil = MonotonicInstant(nanoseconds: 0)

    init(_ loop: EventLoop, redis: LoopRedis, epoch: BoardEpoch, filler: BoardFiller) {
        self.loop = loop
        self.redis = redis
        self.epoch = epoch
        self.filler = filler
    }

    var sweep: Sweep {
        Sweep(name: "boards", interval: 1) { [self] lease, done in
            guard redis.isUp, let current = epoch.current else { return done(.idle) }
            if current != walked {
                begin(current)
            } else if loop.now < restsUntil {
                return done(.idle)
            }
            let pass = Pass(lease: lease, epoch: current, ends: loop.now.advanced(by: Self.passLength), done: done)
            goOn(pass)
        }
    }

    private struct Pass {
        let lease: PostgresLease
        let epoch: Int64
        let ends: MonotonicInstant
        let done: (SweepEnd) -> Void
    }

    private func begin(_ epoch: Int64) {
        (walked, list, last, hasFailed) = (epoch, [], nil, false)
    }

    private func goOn(_ pass: Pass) {
        if loop.now >= pass.ends { return pass.done(.more) }
        if list.isEmpty { read(pass) } else { look(pass) }
    }

    /// The next merchants, or the end of the walk.
    private func read(_ pass: Pass) {
        pass.lease.run([PostgresQuery(BoardAudit.merchants) { $0.add(last?.description) }]) { [self] answer in
            switch answer {
            case .failure(let error): pass.done(.failed("\(error)"))
            case .success(let results):
                list =
                    (results.first.map { rows in (0..<rows.rowCount).compactMap { rows.binaryUUID($0, 0) } } ?? [])[...]
                if let last = list.last {
                    self.last = last
                    return look(pass)
                }
                restsUntil = hasFailed ? loop.now : loop.now.advanced(by: Self.rest)
                begin(pass.epoch)
                pass.done(.idle)
            }
        }
    }

    /// Which of the next boards are filled.
    private func look(_ pass: Pass) {
        let merchants = list.prefix(Self.looks)
        var (left, failure): (Int, RedisError?) = (merchants.count, nil)
        var missing: [PostgresUUID] = []
        for merchant in merchants {
            let versions = BoardKeys(redis.keys, merchant: merchant.description).versions
            redis.send(RedisCommand("HGET", key: versions, "filled")) { [self] answer in
                left -= 1
                switch answer {
                case .failure(let error): failure = error
                case .success(let reply): if reply.number != pass.epoch { missing.append(merchant) }
                }
                guard left == 0 else { return }
                if let failure { return pass.done(.failed("\(failure)")) }
                list = list.dropFirst(merchants.count)
                fill(missing.sorted()[...], pass)
            }
        }
    }

    private func fill(_ merchants: ArraySlice<PostgresUUID>, _ pass: Pass) {
        guard let merchant = merchants.first else { return goOn(pass) }
        guard loop.now < pass.ends else {
            list = merchants + list
            return pass.done(.more)
        }
        filler.fill(merchant, unlessFilled: true, { pass.lease.run($0, $1) }) { [self] failure in
            guard let failure else { return fill(merchants.dropFirst(), pass) }
            hasFailed = true
            list = merchants.dropFirst() + list
            pass.done(.failed(failure))
        }
    }
}
