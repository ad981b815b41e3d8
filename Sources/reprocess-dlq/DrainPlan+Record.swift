import Pacing
import Redrive
import Runs
import ToolKit

extension DrainPlan {
    /// What the runs topic is to say of this drain; `now` in milliseconds since 1970.
    func runRecord(_ options: DrainOptions, file: PlanFile?, now: Int64) -> RunRecord {
        let places: [String] =
            switch options.destination {
            case .topic(let name): [name]
            case .origin: rules.destinations.keys.filter { $0 != options.parkedTopic }.sorted()
            case .nowhere: [options.job.archive ?? options.parkedTopic]
            }
        let bounds = endOffsets.keys.sorted().map { partition in
            let first = starts.first { $0.partition == partition }?.done.committed ?? 0
            return first..<max(first, endOffsets[partition] ?? 0)
        }
        let rate: String =
            switch settings.pace.profile {
            case .unlimited: "max"
            case .constant(let rate), .ramp(_, let rate, _): Int64(exactly: rate).map { "\($0)" } ?? "\(rate)"
            }
        return RunRecord(
            name: settings.run, program: "reprocess-dlq", command: options.job.name, group: settings.group,
            definition: [
                .init("source", [settings.topic]), .init("destination", places),
                .init("selection", options.filter.text), .init("skipped", [options.skipped.rawValue]),
                .init("delivery", [options.delivery.rawValue]),
            ] + (options.job.reason.map { [.init("reason", [$0])] } ?? [])
                + (file.map { [.init("plan", [$0.path])] } ?? []),
            range: [.init(topic: settings.topic, bounds: bounds)], rate: rate, startedAt: now)
    }
}
