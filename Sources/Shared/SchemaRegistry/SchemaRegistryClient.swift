import HTTPClient
import Lifecycle
import Synchronization

/// A client of the Confluent schema registry API, for any number of tasks.
///
/// A drain calls ``cached(_:)`` for every record, which is a lock and a dictionary lookup, and ``lookup(_:)`` only
/// where that knows nothing. Concurrent lookups of one id are one request (single flight). Everything kept is bounded.
package final class SchemaRegistryClient: Sendable {
    let transport: RegistryTransport
    private let limits: SchemaRegistryConfiguration.Limits
    private let time: RegistryTime
    private let state: Mutex<LookupState>

    /// Makes a client; nothing is opened before the first call.
    package init(_ configuration: SchemaRegistryConfiguration, time: RegistryTime = .system) {
        transport = RegistryTransport(
            http: HTTPClient(configuration.http), base: configuration.baseURL, policy: configuration.retry, time: time)
        limits = configuration.limits
        self.time = time
        state = Mutex(LookupState(configuration.limits))
    }

    /// What is known about a schema id without asking the registry; nil calls for ``lookup(_:)``. Callable from any
    /// thread, cheap enough for every record.
    package func cached(_ id: Int32) -> SchemaLookup? {
        state.withLock { $0.cached(id, now: time.clock.now) }
    }

    /// What the registry says about a schema id, references resolved; from memory where it is known.
    ///
    /// Throws ``SchemaRegistryError`` where the registry gives no valid answer, after retries within the configured
    /// deadline. An id that it does not know is an answer, not an error.
    package func lookup(_ id: Int32) async throws(SchemaRegistryError) -> SchemaLookup {
        while true {
            switch state.withLock({ $0.begin(id, now: time.clock.now) }) {
            case .done(let known): return known
            case .ask(let delay): return try await ask(id, after: delay)
            case .wait:
                switch await outcome(of: id) {
                case .answer(let lookup): return lookup
                case .failure(let error): throw error
                case .again:
                    guard !Task.isCancelled else { throw SchemaRegistryError(.cancelled, request: "schema id \(id)") }
                }
            }
        }
    }

    /// Schemas and negative answers kept in memory.
    package var cachedCounts: (schemas: Int, negatives: Int) { state.withLock { $0.counts } }

    /// Tasks that wait for another one's answer.
    var waitingCount: Int { state.withLock { $0.waiting } }

    private func ask(_ id: Int32, after delay: Int64) async throws(SchemaRegistryError) -> SchemaLookup {
        do throws(SchemaRegistryError) {
            if delay > 0 {
                do { try await time.sleep(.nanoseconds(delay)) } catch {
                    throw SchemaRegistryError(.cancelled, request: "schema id \(id)")
                }
            }
            let lookup = try await SchemaFetch(transport: transport, limits: limits).fetch(id)
            finish(id, .answer(lookup))
            return lookup
        } catch {
            finish(id, error.kind == .cancelled ? .again : .failure(error))
            throw error
        }
    }

    private func finish(_ id: Int32, _ outcome: LookupState.Outcome) {
        let now = time.clock.now()
        for waiter in state.withLock({ $0.finish(id, outcome, now: now) }) { waiter.resume(returning: outcome) }
    }

    /// Waits for the task that asks, or for this task's cancellation.
    private func outcome(of id: Int32) async -> LookupState.Outcome {
        let number = state.withLock { $0.newWaiter() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isWaiting = state.withLock { $0.add(waiter, number, to: id) }
                if !isWaiting { waiter.resume(returning: .again) }
                // Whoever cancels either sees the waiter or was seen here.
                if Task.isCancelled { withdraw(number, from: id) }
            }
        } onCancel: {
            withdraw(number, from: id)
        }
    }

    private func withdraw(_ number: UInt64, from id: Int32) {
        state.withLock { $0.withdraw(number, from: id) }?.resume(returning: .again)
    }
}
