package import Kafka
package import Lifecycle

/// Brokers that are away at the start are waited for, the operator is told, and a signal ends the wait.
package struct BrokerWait: Sendable {
    private let servers: String
    private let patience: Duration
    private let stop: StopFlag
    private let say: @Sendable (String) -> Void

    /// - Parameters:
    ///   - servers: as the user named them.
    ///   - say: told in a sentence what is waited for.
    package init(servers: String, patience: Duration, stop: StopFlag, say: @escaping @Sendable (String) -> Void) {
        self.servers = servers
        self.patience = patience
        self.stop = stop
        self.say = say
    }

    /// The cluster's id. Blocking: on a blocking executor.
    ///
    /// - Throws: the last failure, once the patience is used up or a stop was asked for.
    package func clusterID(_ admin: KafkaAdmin) throws(KafkaError) -> String {
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
