import Glibc

/// A counting semaphore whose timed wait follows the monotonic clock; any thread may post and wait.
package final class Semaphore: Sendable {
    private struct Raw {
        var mutex = pthread_mutex_t()
        var condition = pthread_cond_t()
        var count = 0
    }

    // Invariant: initialised in init and destroyed in deinit; `count` is touched only with `mutex` held.
    private nonisolated(unsafe) let raw: UnsafeMutablePointer<Raw>

    /// Nothing is posted yet.
    package init() {
        raw = .allocate(capacity: 1)
        raw.initialize(to: Raw())
        pthread_mutex_init(&raw.pointee.mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(&raw.pointee.condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(&raw.pointee.condition)
        pthread_mutex_destroy(&raw.pointee.mutex)
        raw.deinitialize(count: 1)
        raw.deallocate()
    }

    /// Lets one wait end.
    package func post() {
        pthread_mutex_lock(&raw.pointee.mutex)
        raw.pointee.count += 1
        pthread_cond_signal(&raw.pointee.condition)
        pthread_mutex_unlock(&raw.pointee.mutex)
    }

    /// Waits until posted.
    package func wait() {
        pthread_mutex_lock(&raw.pointee.mutex)
        while raw.pointee.count == 0 { pthread_cond_wait(&raw.pointee.condition, &raw.pointee.mutex) }
        raw.pointee.count -= 1
        pthread_mutex_unlock(&raw.pointee.mutex)
    }

    /// Waits until posted or until the monotonic clock reaches `deadline`; false when the time ran out.
    package func wait(until deadline: MonotonicInstant) -> Bool {
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        pthread_mutex_lock(&raw.pointee.mutex)
        defer { pthread_mutex_unlock(&raw.pointee.mutex) }
        while raw.pointee.count == 0 {
            let code = pthread_cond_timedwait(&raw.pointee.condition, &raw.pointee.mutex, &time)
            if code != 0 && raw.pointee.count == 0 { return false }
        }
        raw.pointee.count -= 1
        return true
    }
}
