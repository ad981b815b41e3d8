import Glibc
import ServerProofs

/// Long proofs on two servers with an Apache Kafka, a PostgreSQL and a Redis of their own: `prove-server outages
/// [NAME=NUMBER]…`.
@main
struct Main {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        do {
            switch arguments.first {
            case "outages":
                guard let plan = outagePlan(arguments.dropFirst()) else { return usage() }
                let report = try await ServerProof(plan) { say($0) }.run()
                say("\(report)")
                end(isProved: report.isClean)
            case "memory":
                guard let plan = memoryPlan(arguments.dropFirst()) else { return usage() }
                let report = try await MemoryProof(plan) { say($0) }.run()
                say("\(report)")
                end(isProved: report.isFlat)
            case "burst":
                guard let plan = burstPlan(arguments.dropFirst()) else { return usage() }
                let report = try await BurstProof(plan).run()
                say("\(report)")
                end(isProved: report.isWithinBounds)
            default: usage()
            }
        } catch {
            say("\(error)")
            end(isProved: false)
        }
    }

    private static func usage() {
        print(
            "usage: prove-server outages [rounds=3] [seed=1] [awards=100] [points=200]\n"
                + "       prove-server memory [minutes=30] [seed=1] [awards=200] [points=200] [server=FILE]\n"
                + "       prove-server burst [events=200000] [seed=1] [server=FILE]")
        exit(2)
    }

    private static func end(isProved: Bool) {
        say(isProved ? "proved" : "NOT PROVED")
        exit(isProved ? 0 : 1)
    }

    /// At once, also into a file or a pipe.
    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private static func outagePlan(_ arguments: ArraySlice<String>) -> ServerPlan? {
        var plan = ServerPlan()
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]), number > 0 else { return nil }
            switch parts[0] {
            case "rounds": plan.rounds = number
            case "seed": plan.seed = UInt64(number)
            case "awards": plan.awardsPerSecond = Double(number)
            case "points": plan.pointsPerSecond = Double(number)
            default: return nil
            }
        }
        return plan
    }

    private static func memoryPlan(_ arguments: ArraySlice<String>) -> MemoryPlan? {
        var plan = MemoryPlan()
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            if parts[0] == "server" {
                plan.server = parts[1]
                continue
            }
            guard let number = Int(parts[1]), number > 0 else { return nil }
            switch parts[0] {
            case "minutes": plan.seconds = Double(number) * 60
            case "seed": plan.seed = UInt64(number)
            case "awards": plan.awardsPerSecond = Double(number)
            case "points": plan.pointsPerSecond = Double(number)
            default: return nil
            }
        }
        return plan
    }

    private static func burstPlan(_ arguments: ArraySlice<String>) -> BurstPlan? {
        var plan = BurstPlan()
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            switch (parts[0], Int(parts[1])) {
            case ("server", _): plan.server = parts[1]
            case ("events", let number?) where number > 0: plan.events = number
            case ("seed", let number?) where number > 0: plan.seed = UInt64(number)
            default: return nil
            }
        }
        return plan
    }
}
