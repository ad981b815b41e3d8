import EventLoop
import GRPC
import Glibc

/// The load of `make bench-server`: AwardBadge calls by the project's own gRPC client, so many in flight.
///
///     award-load calls HOST:PORT[,HOST:PORT…] KIND CALLS IN_FLIGHT [MERCHANTS] [SEED]
///     award-load users PORT [DELAY_MILLISECONDS]
///
/// Kinds: `new` awards for customers of whom each has several badges, `fresh` awards for customers never seen, `cached`
/// repeats of what `new` with the same seed made, `unknown` badges that do not exist, `race` every award
/// four times at once. `users` stands in for users-service.
@main
enum Main {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "users":
            try UsersStandIn.serve(
                port: UInt16(arguments.dropFirst().first ?? "") ?? 0,
                delayMilliseconds: Int64(arguments.dropFirst(2).first ?? "") ?? 0)
        case "calls" where arguments.count >= 5:
            let targets = arguments[1].split(separator: ",").compactMap { text -> (host: String, port: UInt16)? in
                let parts = text.split(separator: ":")
                guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
                return (String(parts[0]), port)
            }
            guard let kind = Load.Kind(rawValue: arguments[2]), let calls = Int(arguments[3]),
                let inFlight = Int(arguments[4]), !targets.isEmpty
            else { return usage() }
            let merchants = arguments.count > 5 ? Int(arguments[5]) ?? 400 : 400
            let seed = arguments.count > 6 ? UInt64(arguments[6]) ?? 1 : 1
            let load = try Load(
                targets: targets, kind: kind, calls: calls, inFlight: inFlight, merchants: merchants, seed: seed)
            load.run()
        default: usage()
        }
    }

    private static func usage() {
        print("award-load calls HOST:PORT[,…] new|fresh|cached|unknown|race CALLS IN_FLIGHT [MERCHANTS] [SEED]")
        print("award-load users PORT [DELAY_MILLISECONDS]")
        exit(2)
    }
}
