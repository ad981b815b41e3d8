import CommandLine
import Configuration
import Glibc
import HTTPClient
import Kafka
import Lifecycle
import SchemaRegistry

/// The data of `make demo`: `demo-dlq seed MOMENT` fills `gamification.dlq`, `demo-dlq check MOMENT` compares what has
/// become of it, `demo-dlq points MOMENT` lets customers earn points. MOMENT is in milliseconds since 1970; the brokers
/// and the registry come from KAFKA_BROKER and SCHEMA_REGISTRY_URL. Runs in the package's root.
@main
struct Main {
    static func main() async {
        let console = Console.standard()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let environment = Environment.process()
        guard arguments.count == 2, ["seed", "check", "points"].contains(arguments[0]),
            let moment = Int64(arguments[1]),
            let brokers = environment["KAFKA_BROKER"], let registry = environment["SCHEMA_REGISTRY_URL"]
        else {
            console.error("usage: KAFKA_BROKER=… SCHEMA_REGISTRY_URL=… demo-dlq seed|check|points MOMENT")
            exit(ExitCode.usage.rawValue)
        }
        let executor = BlockingExecutor(name: "demo")
        let code = await Task(executorPreference: executor) {
            do {
                let kafka = KafkaConfiguration(bootstrapServers: brokers, clientID: "demo-dlq")
                let client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(registry)))
                if arguments[0] == "points" {
                    try await Points.run(client, moment: moment, kafka)
                    try console.result("\(Points.count) customers have earned points")
                    return ExitCode.done
                }
                let plan = try await Plan.make(registry: client, moment: moment)
                return arguments[0] == "seed" ? try seed(plan, kafka, console) : try check(plan, kafka, console)
            } catch {
                console.error("\(error)")
                return ExitCode.failed
            }
        }.value
        exit(console.finish(code).rawValue)
    }

    private static func seed(_ plan: Plan, _ kafka: KafkaConfiguration, _ console: Console) throws -> ExitCode {
        try Seed.run(plan.entries.map(\.record), kafka, topic: "gamification.dlq")
        try console.result("\(HumanText.count(Int64(plan.entries.count))) dead letters written")
        return .done
    }

    private static func check(_ plan: Plan, _ kafka: KafkaConfiguration, _ console: Console) throws -> ExitCode {
        let check = Check(
            plan, redriven: try Arrivals(in: "gamification.replay", kafka),
            parked: try Arrivals(in: "gamification.dlq.parked", kafka))
        try console.result(check.outcomes().text(console.outputStyle) + "\n")
        try console.result(check.authors().text(console.outputStyle) + "\n")
        guard check.faults.isEmpty else {
            for (kind, count) in check.faults.sorted(by: { $0.key < $1.key }) { console.error("\(count) \(kind)") }
            return .failed
        }
        let count = HumanText.count(Int64(plan.entries.count))
        try console.result(
            "checked: \(count) records, 0 lost, 0 twice, every key and value unchanged, every origin kept")
        return .done
    }
}
