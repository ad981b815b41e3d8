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

    /// The settings NAME=VALUE, each of which `take` must know; false where one is none, or is unknown.
    private static func read(_ arguments: ArraySlice<String>, _ take: (String, String, Int?) -> Bool) -> Bool {
        arguments.allSatisfy { argument in
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return false }
            return take(parts[0], parts[1], Int(parts[1]).flatMap { $0 > 0 ? $0 : nil })
        }
    }

    private static func outagePlan(_ arguments: ArraySlice<String>) -> ServerPlan? {
        var plan = ServerPlan()
        let isRead = read(arguments) { name, _, number in
            switch (name, number) {
            case ("rounds", let number?): plan.rounds = number
            case ("seed", let number?): plan.seed = UInt64(number)
            case ("awards", let number?): plan.awardsPerSecond = Double(number)
            case ("points", let number?): plan.pointsPerSecond = Double(number)
            default: return false
            }
            return true
        }
        return isRead ? plan : nil
    }

    private static func memoryPlan(_ arguments: ArraySlice<String>) -> MemoryPlan? {
        var plan = MemoryPlan()
        let isRead = read(arguments) { name, text, number in
            switch (name, number) {
            case ("server", _): plan.server = text
            case ("minutes", let number?): plan.seconds = Double(number) * 60
            case ("seed", let number?): plan.seed = UInt64(number)
            case ("awards", let number?): plan.awardsPerSecond = Double(number)
            case ("points", let number?): plan.pointsPerSecond = Double(number)
            default: return false
            }
            return true
        }
        return isRead ? plan : nil
    }

    private static func burstPlan(_ arguments: ArraySlice<String>) -> BurstPlan? {
        var plan = BurstPlan()
        let isRead = read(arguments) { name, text, number in
            switch (name, number) {
            case ("server", _): plan.server = text
            case ("events", let number?): plan.events = number
            case ("seed", let number?): plan.seed = UInt64(number)
            default: return false
            }
            return true
        }
        return isRead ? plan : nil
    }
}
