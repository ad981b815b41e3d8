import Postgres

/// Sweeps of rows that have become old: marks of processed events, and the ledger.
struct RowSweeps {
    /// Batches of one pass; other sweeps come in between.
    private static let batches = 20

    /// Hours that marks live, and days that the ledger does.
    var markHours: Int32 = 24
    var ledgerDays: Int32 = 90

    /// `processed_events` after 24 hours.
    var processedEvents: Sweep {
        Sweep(name: "processed_events", interval: 10) { lease, done in
            sweep(lease, column: 0, done) { cutoff in
                PostgresQuery(SweepStatements.processedEvents) {
                    $0.add(timestamp: cutoff)
                    $0.add(Int64(SweepStatements.batch) as Int64?)
                }
            } count: {
                $0.affectedRows
            }
        }
    }

    /// The ledger after 90 days, into `swept`.
    var ledger: Sweep {
        Sweep(name: "points_ledger", interval: 30) { lease, done in
            sweep(lease, column: 1, done) { cutoff in
                PostgresQuery(SweepStatements.ledger) {
                    $0.add(timestamp: cutoff)
                    $0.add(Int64(SweepStatements.batch) as Int64?)
                }
            } count: {
                Int($0.binaryInteger(0, 0) ?? 0)
            }
        }
    }

    private func sweep(
        _ lease: PostgresLease, column: Int, _ done: @escaping (SweepEnd) -> Void,
        batch: @escaping (_ cutoff: Int64) -> PostgresQuery, count: @escaping (PostgresResult) -> Int
    ) {
        let cutoffs = PostgresQuery(SweepStatements.cutoffs) {
            $0.add(markHours)
            $0.add(ledgerDays)
        }
        lease.run([cutoffs]) { answer in
            switch answer {
            case .failure(let error): done(.failed("\(error)"))
            case .success(let results):
                guard let cutoff = results.first?.binaryInteger(0, column) else { return done(.failed("no cutoff")) }
                Self.next(lease, batch(cutoff), left: Self.batches, count, done)
            }
        }
    }

    private static func next(
        _ lease: PostgresLease, _ query: PostgresQuery, left: Int, _ count: @escaping (PostgresResult) -> Int,
        _ done: @escaping (SweepEnd) -> Void
    ) {
        lease.run([query]) { answer in
            switch answer {
            case .failure(let error): done(.failed("\(error)"))
            case .success(let results):
                guard let result = results.first, count(result) == SweepStatements.batch else { return done(.idle) }
                if left == 1 { return done(.more) }
                next(lease, query, left: left - 1, count, done)
            }
        }
    }
}
