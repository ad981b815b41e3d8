import Glibc
import Synchronization

/// A serial executor and task executor on one POSIX thread of its own, where C calls may block.
///
/// Jobs run one after the other in the order they came, whatever their priority. Use it in one of three ways:
/// as an actor's `unownedExecutor`, as a task's `executorPreference`, or through ``run(_:)``.
///
/// The end: ``shutdown()`` (and the executor's release) lets the jobs in hand finish, then ends the thread. A job that
/// comes later is neither lost nor a trap: it runs on a thread started for it, which ends when nothing is left.
/// There is never more than one thread at a time, so the executor stays serial.
package final class BlockingExecutor: SerialExecutor, TaskExecutor {
    private let queue: JobQueue

    /// Makes the executor; its thread starts with the first job. The kernel shows the first 15 bytes of `name`.
    package init(name: String) {
        queue = JobQueue(name: name)
        queue.attach(self)
    }

    deinit { queue.close() }

    /// Runs `job` later on this executor's thread. Called by the Swift runtime, from any thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        queue.add(.job(UnownedJob(job)))
    }

    /// Runs `body`, which may block, on this executor's thread, and returns or throws what it does.
    ///
    /// Cancellation of the calling task does not interrupt `body`: a blocking C call has no such thing.
    package func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withUnsafeContinuation { continuation in
            queue.add(
                .call {
                    do throws(Failure) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                })
        }
        return try result.get()
    }

    /// Lets the jobs in hand finish, then ends the thread; returns at once. Repeating it does nothing.
    package func shutdown() { queue.close() }

    /// Whether the caller runs on this executor's thread.
    package var isCurrent: Bool { queue.isOnThread }

    /// For the runtime's `assumeIsolated` and `assertIsolated`: traps unless called on this executor's thread.
    package func checkIsolated() {
        precondition(isCurrent, "not on the thread of this blocking executor")
    }
}
