import CommandLine
import Lifecycle
import ToolKit

/// `reprocess-dlq apply FILE`: what a plan says, and nothing else.
struct ApplyCommand: Sendable {
    let console: Console
    let options: DrainOptions
    /// The plan's file.
    let path: String
    let stop: StopFlag

    /// Reads the plan whole, then does what it says.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "plan")
        do {
            let (path, file) = (path, options)
            let plan = try await Task(executorPreference: executor) { try PlanFile(path: path) }.value
            var options = file
            options.topic = plan.header.topic
            options.group = plan.header.group
            options.isDefaultGroup = plan.header.group == "gamification.drain.\(plan.header.topic)"
            options.destination = plan.header.destination
            options.parkedTopic = plan.header.parkedTopic
            options.timestamps = plan.header.timestamps
            options.skipped = plan.header.skipped
            return await DrainCommand(console: console, options: options, stop: stop, file: plan).run()
        } catch {
            var outcome = DrainOutcome(job: .apply, run: options.run ?? "", clusterID: "", topic: "", destination: "")
            outcome.refusal = Refusal(error)
            console.error(outcome.refusal?.description ?? "")
            if options.isJSON { try? console.result(json: outcome.json) }
            return outcome.exitCode
        }
    }
}
