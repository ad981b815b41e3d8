import Kafka
import Lifecycle

/// A copy to which the group has given no partition. Mostly the others hold them all, and it takes over when one of
/// them ends or dies. But a group's leader that has not heard of the topic yet gives nothing to anybody; then it must be
/// asked again, since nothing would happen for minutes.
final class Standby {
    /// What the group's description says.
    enum Finding {
        /// Others hold partitions of the topic.
        case othersWork
        /// Nobody does, and no rebalance is under way.
        case nobodyWorks
        case undecided
    }

    private let settings: RedriveSettings
    private var admin: KafkaAdmin?
    private var since = MonotonicInstant.now()
    private var hasSaid = false

    init(_ settings: RedriveSettings) {
        self.settings = settings
    }

    /// There is an assignment, with or without partitions.
    func restart() { since = .now() }

    /// Looks at the group, every two seconds. That a broker does not answer at once ends nothing, before the patience does.
    func look(_ patience: Patience) throws(KafkaError) -> Finding {
        guard MonotonicInstant.now().seconds(since: since) > 2 else { return .undecided }
        since = .now()
        if admin == nil { admin = try KafkaAdmin(settings.kafka) }
        guard let admin else { return .undecided }
        let group: GroupDescription
        do throws(KafkaError) {
            group = try patience.spend { most throws(KafkaError) in
                try admin.describeGroup(settings.group, timeout: min(most, .seconds(5)))
            }
        } catch {
            guard error.isRetriable || error.kind.isAway, patience.left > .seconds(1) else { throw error }
            return .undecided
        }
        guard group.state == .stable else { return .undecided }
        let isHeld = group.members.contains { $0.partitions.contains { settings.sources.names.contains($0.topic) } }
        return isHeld ? .othersWork : .nobodyWorks
    }

    /// Whether the operator is to be told now; true once.
    var shouldSay: Bool {
        defer { hasSaid = true }
        return !hasSaid
    }

    func close(timeout: Duration) -> Bool { admin?.close(timeout: timeout) ?? true }
}
