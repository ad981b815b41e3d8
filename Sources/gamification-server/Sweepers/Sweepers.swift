import EventLoop
import Lifecycle
import Observability
import Postgres

/// How a sweep ended.
enum SweepEnd: Equatable {
    /// Nothing is left to do now.
    case idle
    /// It stopped in order to be short: there is more.
    case more
    case failed(String)
}

/// One kind of sweep: `run` is given a connection, and calls its second argument once.
struct Sweep {
    let name: String
    /// Seconds between two passes.
    let interval: Double
    let run: (PostgresLease, @escaping (SweepEnd) -> Void) -> Void
}

/// Runs sweeps one after the other, on one instance at a time: an advisory lock is held while they run, by the connection that
/// they use, so that it goes with it.
final class Sweepers {
    private static let tick: Int64 = 500_000_000

    private struct Due {
        let sweep: Sweep
        var next: MonotonicInstant
        /// What failed last, said once.
        var failure: String?
    }

    private let loop: EventLoop
    private let postgres: LoopPostgres
    private let log: Logger
    private var sweeps: [Due] = []
    private var timer: LoopTimer?
    private var isBusy = false
    private var whenStopped: (() -> Void)?
    private var isStopping = false
    private let ended: CounterFamily

    init(
        _ loop: EventLoop, _ postgres: LoopPostgres, log: Logger, metrics: ServerMetrics
    ) throws(EventLoopError) {
        ended = metrics.sweeps
        self.loop = loop
        self.postgres = postgres
        self.log = log
        timer = try LoopTimer(loop) { [unowned self] in look() }
        timer?.start(afterNanoseconds: Self.tick)
    }

    /// Adds a kind of sweep, due at once.
    func add(_ sweep: Sweep) { sweeps.append(Due(sweep: sweep, next: loop.now)) }

    /// Begins no more; calls `done` when the one under way has ended.
    func stop(_ done: @escaping () -> Void) {
        isStopping = true
        timer?.cancel()
        if isBusy { whenStopped = done } else { done() }
    }

    private func look() {
        if !isStopping { timer?.start(afterNanoseconds: Self.tick) }
        let now = loop.now
        let due = sweeps.indices.filter { sweeps[$0].next <= now }
        guard !isBusy, !isStopping, !due.isEmpty, postgres.isUp else { return }
        isBusy = true
        postgres.lease { [self] result in
            switch result {
            case .failure: finish()
            case .success(let lease): lock(lease, due)
            }
        }
    }

    private func lock(_ lease: PostgresLease, _ due: [Int]) {
        lease.run([PostgresQuery(SweepStatements.lock) { $0.add(SweepStatements.lockKey as Int64?) }]) {
            [self] answer in
            guard case .success(let results) = answer, results.first?.binaryInteger(0, 0) == 1 else {
                // Another instance sweeps, or the database is away.
                for index in due { wait(index) }
                lease.end()
                return finish()
            }
            run(lease, due[...])
        }
    }

    private func run(_ lease: PostgresLease, _ due: ArraySlice<Int>) {
        guard let index = due.first, !isStopping else { return unlock(lease) }
        sweeps[index].sweep.run(lease) { [self] end in
            switch end {
            case .more: sweeps[index].next = loop.now
            case .idle: wait(index)
            case .failed: wait(index)
            }
            note(index, end)
            run(lease, due.dropFirst())
        }
    }

    private func wait(_ index: Int) { sweeps[index].next = loop.now.advanced(bySeconds: sweeps[index].sweep.interval) }

    private func note(_ index: Int, _ end: SweepEnd) {
        var failure: String?
        let label: String
        switch end {
        case .idle: label = "idle"
        case .more: label = "more"
        case .failed(let reason): (label, failure) = ("failed", reason)
        }
        ended.with(sweeps[index].sweep.name, label).add()
        if let failure, failure != sweeps[index].failure {
            log.warning("sweep of \(sweeps[index].sweep.name): \(failure)")
        }
        sweeps[index].failure = failure
    }

    private func unlock(_ lease: PostgresLease) {
        lease.run([PostgresQuery(SweepStatements.unlock) { $0.add(SweepStatements.lockKey as Int64?) }]) { [self] _ in
            // Where that failed the connection is gone, and the lock with it.
            lease.end()
            finish()
        }
    }

    private func finish() {
        isBusy = false
        whenStopped?()
        whenStopped = nil
    }
}
