import Postgres

/// Fills the boards that missed an update while the durable Redis was away.
struct RepairSweep {
    /// Boards of one pass.
    private static let boards: Int64 = 50

    let redis: LoopRedis
    let filler: BoardFiller

    var sweep: Sweep {
        Sweep(name: "board_repairs", interval: 2) { lease, done in
            guard redis.isUp else { return done(.idle) }
            lease.run([PostgresQuery(BoardStatements.repairs) { $0.add(Self.boards as Int64?) }]) { answer in
                switch answer {
                case .failure(let error): done(.failed("\(error)"))
                case .success(let results):
                    guard let rows = results.first, rows.rowCount > 0 else { return done(.idle) }
                    next(lease, (0..<rows.rowCount).compactMap { rows.binaryUUID($0, 0) }[...], done)
                }
            }
        }
    }

    private func next(
        _ lease: PostgresLease, _ merchants: ArraySlice<PostgresUUID>, _ done: @escaping (SweepEnd) -> Void
    ) {
        guard let merchant = merchants.first else { return done(.more) }
        filler.fill(merchant, { lease.run($0, $1) }) { failure in
            if let failure { return done(.failed(failure)) }
            next(lease, merchants.dropFirst(), done)
        }
    }
}
