import Glibc
import RedriveProofs
import TestSupport

/// Long proofs on an Apache Kafka of its own: `prove-redrive kills [NAME=NUMBER]…`.
@main
struct Main {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard let proof = arguments.first, ["kills", "replay", "operations"].contains(proof),
            let plan = plan(proof, arguments.dropFirst())
        else {
            print(
                "usage: prove-redrive kills [kills=200] [records=100000] [partitions=6] [copies=2] [brokers=1] [seed=1]\n"
                    + "       prove-redrive replay [kills=100] [records=20000] [partitions=6] [seed=1]\n"
                    + "       prove-redrive operations [kills=20] [records=20000] [partitions=3] [seed=1]"
            )
            exit(2)
        }
        do {
            let kafka = try await ScratchKafka.start(nodes: plan.brokers)
            let isProved =
                switch proof {
                case "operations": try await proveOperations(kafka, plan.kills)
                case "replay": try await proveReplay(kafka, plan.kills)
                default: try await proveKills(kafka, plan.kills)
                }
            say(isProved ? "proved" : "NOT PROVED")
            exit(isProved ? 0 : 1)
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    private static func proveKills(_ kafka: ScratchKafka, _ plan: KillPlan) async throws -> Bool {
        let report = try await KillProof(kafka, plan) { say($0) }.run()
        say("\(report)")
        return report.isClean && report.kills >= plan.kills && report.insideTransaction * 2 >= report.kills
    }

    private static func proveReplay(_ kafka: ScratchKafka, _ plan: KillPlan) async throws -> Bool {
        let report = try await ReplayProof(
            kafka, stops: plan.kills, records: plan.records, partitions: plan.partitions, seed: plan.seed
        ) { say($0) }.run()
        say("\(report)")
        return report.isClean && report.kills + report.terms >= plan.kills
    }

    private static func proveOperations(_ kafka: ScratchKafka, _ plan: KillPlan) async throws -> Bool {
        let reports = try await OperationsProof(
            kafka, kills: plan.kills, records: plan.records, partitions: plan.partitions, seed: plan.seed
        ) { say($0) }.run()
        for report in reports { say("\(report)") }
        // A restore may be through before it was killed so often.
        return reports.allSatisfy { report in
            report.isClean && report.kills >= (report.command == "restore" ? 1 : plan.kills) && report.inside > 0
        }
    }

    /// At once, also into a file or a pipe.
    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private static func plan(_ proof: String, _ arguments: ArraySlice<String>) -> (kills: KillPlan, brokers: Int)? {
        var plan = KillPlan()
        plan.kills = proof == "operations" ? 20 : proof == "replay" ? 100 : 200
        plan.records = proof == "kills" ? 100_000 : 20_000
        if proof == "operations" { plan.partitions = 3 }
        plan.deadline = 3 * 3600
        var brokers = 1
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]), number > 0 else { return nil }
            switch parts[0] {
            case "kills": plan.kills = number
            case "records": plan.records = number
            case "partitions": plan.partitions = number
            case "copies": plan.copies = number
            case "seed": plan.seed = UInt64(number)
            case "brokers":
                brokers = number
                // Where one can go without the others stopping, each goes in turn.
                plan.killsBrokers = number >= 3
            default: return nil
            }
        }
        return (plan, brokers)
    }
}
