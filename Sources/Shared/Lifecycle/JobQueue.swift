import Glibc
import Synchronization

/// The jobs of one ``BlockingExecutor`` and the thread that runs them.
///
/// The thread owns the queue, not the executor, so that an executor nobody refers to any more ends its thread.
final class JobQueue: Sendable {
    enum Work: Sendable {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var pending: [Work] = []
        var isClosed = false
        var hasThread = false
        weak var executor: BlockingExecutor?
    }

    private let name: String
    private let state = Mutex(State())
    private let wake = Semaphore()
    /// The thread that runs jobs now, as pthread_t; 0 when there is none.
    private let thread = Atomic<UInt>(0)

    init(name: String) { self.name = name }

    var isOnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    func attach(_ executor: BlockingExecutor) {
        state.withLock { $0.executor = executor }
    }

    func add(_ work: Work) {
        let (mustStart, mustWake) = state.withLock { state in
            let wasEmpty = state.pending.isEmpty
            state.pending.append(work)
            defer { state.hasThread = true }
            return (!state.hasThread, wasEmpty)
        }
        if mustStart {
            NamedThread.start(name) { self.loop() }
        }
        if mustWake { wake.post() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake.post()
    }

    private enum Next {
        case work([Work], BlockingExecutor?)
        case wait
        case end
    }

    private func loop() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var spare: [Work] = []
        while true {
            switch next(&spare) {
            case .work(let batch, let executor):
                for work in batch { Self.run(work, on: executor) }
                spare = batch
                spare.removeAll(keepingCapacity: true)
            case .wait:
                wake.wait()
            case .end:
                return
            }
        }
    }

    private func next(_ spare: inout [Work]) -> Next {
        state.withLock { state in
            if !state.pending.isEmpty {
                let batch = state.pending
                state.pending = spare
                spare = []
                return .work(batch, state.executor)
            }
            guard state.isClosed else { return .wait }
            state.hasThread = false
            thread.store(0, ordering: .relaxed)
            return .end
        }
    }

    private static func run(_ work: Work, on executor: BlockingExecutor?) {
        switch work {
        case .call(let body):
            body()
        case .job(let job):
            // A job's task or actor keeps its executor alive until the job has run.
            guard let executor else { preconditionFailure("a job outlived its blocking executor") }
            job.runSynchronously(
                isolatedTo: executor.asUnownedSerialExecutor(), taskExecutor: executor.asUnownedTaskExecutor())
        }
    }
}
