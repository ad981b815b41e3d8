import Kafka
import Lifecycle

/// Brokers that are away at the start are waited for, the operator is told, and a signal ends the wait.
struct BrokerWait: Sendable {
    let servers: String
    let patience: Duration
    let stop: StopFlag
    let say: @Sendable (String) -> Void

    /// The cluster's id. Blocking: on a blocking executor.
    ///
    /// - Throws: the last failure, once the patience is used up or a stop was asked for.
    func clusterID(_ admin: KafkaAdmin) throws(KafkaError) -> String {
        let deadline = MonotonicInstant.now().advanced(bySeconds: Double(patience.components.seconds))
        var hasSaid = false
        while true {
            do throws(KafkaError) {
                return try admin.clusterID(timeout: .seconds(hasSaid ? 1 : 3))
            } catch {
                guard error.kind == .unreachable || error.kind == .timedOut else { throw error }
                if stop.isSet || MonotonicInstant.now() >= deadline { throw error }
                if !hasSaid {
                    say(
                        "no broker answers at \(servers); waiting up to \(patience.components.seconds) s: \(error.reason)"
                    )
                }
                hasSaid = true
            }
        }
    }
}
