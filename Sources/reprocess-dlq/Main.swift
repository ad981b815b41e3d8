import CommandLine
import Configuration
import Crypto
import Glibc
import Kafka
import Lifecycle
import Redrive

@main
struct Main {
    static func main() async {
        let console = Console.standard()
        switch console.begin(ReprocessDLQ.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete: exit(0)
        case .run(var reader):
            let brokers = reader.hostPorts(.bootstrapServers, defaultPort: 9092)
            let topic = reader.topic(ReprocessDLQ.topic)
            let to = reader.text(.to)
            let rate = reader.rate(ReprocessDLQ.rate)
            let properties = reader.kafkaProperties()
            let limit = reader.optionalInteger(ReprocessDLQ.limit, in: 1...1_000_000_000)
            do throws(UsageError) { try reader.finish() } catch { exit(console.report(error).rawValue) }
            let kafka = KafkaConfiguration(
                bootstrapServers: brokers.map(\.description).joined(separator: ","), clientID: "reprocess-dlq",
                properties: properties.properties.map { .init($0.name, $0.value.reveal()) })
            let copy = (try? RandomBytes.hexadecimalID(byteCount: 4)) ?? "x"
            let settings = RedriveSettings(
                kafka: kafka, topic: topic, group: "gamification.drain.\(topic)", run: "run-\(copy)", copy: copy,
                delivery: .exactlyOnce, progressTopic: "gamification.redrive.progress", limit: limit.map(Int64.init),
                pace: .unlimited)
            _ = rate
            let rules = DrainRules(
                source: topic, route: .topic(to == "replay" ? "gamification.replay" : to),
                parkedTopic: "gamification.dlq.parked",
                run: settings.run, parkedBy: "x", partitionCounts: [:])
            let stop = StopFlag()
            let code = await DrainCommand(console: console, settings: settings, rules: rules, stop: stop).run()
            exit(console.finish(code).rawValue)
        }
    }
}
