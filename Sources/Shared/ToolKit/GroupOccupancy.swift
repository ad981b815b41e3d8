import CommandLine
package import Kafka
package import Lifecycle
import Runs

/// Who is at work in a consumer group. Blocking: on a blocking executor.
package struct GroupOccupancy: Sendable {
    private let kafka: KafkaConfiguration
    private let group: String
    private let runsTopic: String
    private let patience: Duration
    private let stop: StopFlag
    private let say: @Sendable (String) -> Void

    /// - Parameters:
    ///   - runsTopic: asked for the run's name and who started it; where it does not exist, the brokers' word must do.
    ///   - stop: ends a wait.
    ///   - say: told in a sentence what is waited for.
    package init(
        _ kafka: KafkaConfiguration, group: String, runsTopic: String, patience: Duration, stop: StopFlag,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.kafka = kafka
        self.group = group
        self.runsTopic = runsTopic
        self.patience = patience
        self.stop = stop
        self.say = say
    }

    /// Waits for members that died, as long as their sessions last; a living one is refused.
    ///
    /// - Parameter purpose: what needs to be alone.
    /// - Throws: `Refusal` that says who the other is.
    package func waitUntilAlone(_ admin: KafkaAdmin, purpose: String) throws {
        // A mock cluster cannot describe a group; it is of its owner's making, and so are its members.
        if try admin.clusterID(timeout: patience).hasPrefix(TopicSurvey.mockPrefix) { return }
        let deadline = MonotonicInstant.now().advanced(bySeconds: 15)
        var hasSaid = false
        while true {
            let members = try admin.describeGroup(group, timeout: patience).members
            guard let member = members.first, !stop.isSet else { return }
            if MonotonicInstant.now() >= deadline {
                throw Refusal(
                    .refused,
                    "\(purpose) needs to be the only member of group \(group), and \(name(member, runningRun()?.text)) is in it; nothing was "
                        + "changed")
            }
            if !hasSaid { say("waiting for \(member.clientID) at \(member.host) to leave group \(group)") }
            hasSaid = true
            Pause.milliseconds(300)
        }
    }

    /// Somebody at work in the group.
    package struct Occupant: Sendable {
        /// Who that is, for a notice.
        package let name: String
        /// The command of the run, where its record says so.
        package let command: String?
    }

    /// Who is in the group now; nil where nobody is.
    package func occupant(_ admin: KafkaAdmin) throws -> Occupant? {
        if try admin.clusterID(timeout: patience).hasPrefix(TopicSurvey.mockPrefix) { return nil }
        guard let member = try admin.describeGroup(group, timeout: patience).members.first else { return nil }
        let run = runningRun()
        return Occupant(name: name(member, run?.text), command: run?.command)
    }

    private func name(_ member: GroupDescription.Member, _ run: String?) -> String {
        let place = "\(member.clientID) at \(member.host)"
        return run.map { "\($0) (\(place))" } ?? place
    }

    /// The run that says that it works in this group. What cannot be read is not told: the refusal matters more.
    private func runningRun() -> (text: String, command: String)? {
        guard let store = try? RunStore(kafka, topic: runsTopic, patience: .seconds(5)) else { return nil }
        defer { _ = store.close(timeout: .seconds(5)) }
        guard (try? store.exists()) == true, let entries = try? store.all() else { return nil }
        let now = TimeSource.milliseconds()
        let running = entries.values.compactMap(\.record).filter { $0.group == group }.flatMap { record in
            record.copies.filter { $0.state(at: now) == .running }.map { (record, $0) }
        }
        guard let (record, copy) = running.max(by: { $0.1.startedAt < $1.1.startedAt }) else { return nil }
        let text =
            "run \(record.name) (\(record.command)) of \(copy.by), begun \(TimePoint(milliseconds: copy.startedAt)),"
        return (text, record.command)
    }
}
