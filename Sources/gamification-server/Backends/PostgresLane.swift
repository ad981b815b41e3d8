import EventLoop
import Lifecycle
import Postgres

/// One place of the pool: the connection that is there now, what waits on its descriptor, and the work under way.
final class PostgresLane {
    private struct Job {
        var results: [PostgresResult] = []
        var error: PostgresError?
        let completion: (LoopPostgres.Answer) -> Void
    }

    let index: Int
    private let loop: EventLoop
    private let whenReady: () -> Void
    private var connection: PostgresConnection?
    private var descriptor: Int32 = -1
    private var watch: DescriptorWatch?
    private var job: Job?
    private var finished: (LoopPostgres.Answer, (LoopPostgres.Answer) -> Void)?
    private var deadline: LoopTimer?
    private var hasTimedOut = false

    /// `whenReady` has the pool look after its connections.
    init(_ loop: EventLoop, index: Int, whenReady: @escaping () -> Void) throws(EventLoopError) {
        self.loop = loop
        self.index = index
        self.whenReady = whenReady
        deadline = try LoopTimer(loop) { [unowned self] in timeOut() }
    }

    /// Waits on the descriptor of the connection that is in this place now.
    func follow(_ connection: PostgresConnection?) {
        let file = connection?.descriptor ?? -1
        if connection !== self.connection || file != descriptor {
            stopWatching()
            self.connection = connection
            descriptor = file
            guard file >= 0 else { return }
            watch = try? DescriptorWatch(loop, descriptor: file) { [unowned self] ready in
                self.connection?.advance(ready == .readable ? .read : .write)
                settle()
                if job == nil { whenReady() }
            }
        }
        let interest = connection?.interest ?? []
        watch?.wantsRead = interest.contains(.read)
        watch?.wantsWrite = interest.contains(.write)
    }

    func stopWatching() {
        watch?.stop()
        watch = nil
        descriptor = -1
    }

    /// Sends statements as one group.
    func run(_ queries: [PostgresQuery], within: Int64, _ completion: @escaping (LoopPostgres.Answer) -> Void) {
        var job = Job(completion: completion)
        do throws(PostgresError) {
            guard let connection else { throw PostgresError(.connectionLost, "the connection is gone") }
            for query in queries { try connection.submit(query.statement, query.parameters, format: .binary) }
            try connection.sync()
            self.job = job
            hasTimedOut = false
            deadline?.start(afterNanoseconds: within)
        } catch {
            job.error = error
            self.job = job
            connection?.close()
            finish()
        }
        settle()
    }

    /// Hands on what was finished in the meantime; outside of every call that asked for it.
    func deliver() {
        guard let (answer, completion) = finished else { return }
        finished = nil
        completion(answer)
    }

    /// Takes what the connection has to say about the work under way. Without work it is the pool that takes it.
    private func settle() {
        while job != nil, let event = connection?.take() {
            switch event {
            case .result(_, let result): job?.results.append(result)
            case .failure(_, let error):
                if job?.error == nil || job?.error?.kind == .skipped { job?.error = error }
            case .synced: finish()
            case .closed(let error):
                if job?.error == nil { job?.error = error }
                finish()
            case .connected, .copyReady: break
            }
        }
        follow(connection)
    }

    private func finish() {
        guard let job else { return }
        self.job = nil
        deadline?.cancel()
        var error = job.error
        if hasTimedOut { error = PostgresError(.timedOut, "no answer from PostgreSQL in time") }
        finished = (error.map { .failure($0) } ?? .success(job.results), job.completion)
        whenReady()
    }

    private func timeOut() {
        hasTimedOut = true
        connection?.close()
        settle()
    }
}

/// A connection that somebody has for a while. One call at a time.
final class PostgresLease {
    private let postgres: LoopPostgres
    private let lane: PostgresLane
    private let purpose: LoopPostgres.Purpose
    private var hasEnded = false

    init(_ postgres: LoopPostgres, _ lane: PostgresLane, _ purpose: LoopPostgres.Purpose) {
        self.postgres = postgres
        self.lane = lane
        self.purpose = purpose
    }

    /// Sends statements in one round trip: a transaction of their own unless BEGIN came before. After a failure within a
    /// transaction that was begun, the next statement must be ROLLBACK.
    func run(
        _ queries: [PostgresQuery], within: Int64 = 5_000_000_000, _ completion: @escaping (LoopPostgres.Answer) -> Void
    ) {
        lane.run(queries, within: within, completion)
    }

    /// Gives the connection back; no transaction may be open.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        postgres.giveBack(lane, purpose)
    }
}
