import RedriveProofs
import TestSupport

/// What the servers gave up: the poison, and what an outage outlasted their patience for. The latter is drained, as an
/// operator would, until nothing more of it comes.
struct DeadLetters {
    private let stack: ServerStack

    init(_ stack: ServerStack) { self.stack = stack }

    struct Outcome: CustomStringConvertible {
        /// Keys of `avro.malformed` dead letters.
        var malformed: Set<String> = []
        /// Others by their code.
        var others: [String: Int] = [:]
        var drains = 0
        var failure: String?

        var description: String {
            let codes = others.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            return "dead letters: \(malformed.count) poison" + (codes.isEmpty ? "" : ", \(codes)")
                + (drains > 0 ? ", drained \(drains) times" : "")
        }

        func faults(poison: Int) -> [String] {
            let wanted = Set((1...max(1, poison)).prefix(poison).map { "poison-\($0)" })
            var faults = failure.map { [$0] } ?? []
            faults += wanted.subtracting(malformed).sorted().map { "\($0) is no dead letter" }
            faults += malformed.subtracting(wanted).sorted().map { "\($0) is a dead letter, as malformed" }
            faults += others.keys.filter { $0 != "dependency.unavailable" }.map { "dead letters with \($0)" }
            return faults
        }
    }

    /// Drains for as long as something comes that can succeed; `isSettled` says when what was drained has been consumed.
    func drain(until isSettled: () async -> Bool) async throws -> Outcome {
        var outcome = Outcome()
        var known = 0
        while true {
            let letters = try await read()
            outcome.malformed = Set(letters.filter { $0.code == "avro.malformed" }.map(\.key))
            let others = letters.filter { $0.code != "avro.malformed" }
            outcome.others = Dictionary(others.map { ($0.code, 1) }, uniquingKeysWith: +)
            guard others.count > known else { return outcome }
            known = others.count
            outcome.drains += 1
            let drain = try await stack.drain()
            // 3: some were parked, as poison is.
            guard [0, 3].contains(drain.exitCode ?? -1) else {
                outcome.failure = "the drain failed: \(drain.account)"
                return outcome
            }
            guard await eventually(deadline: 120, { await isSettled() }) else {
                outcome.failure = "what was drained is not consumed"
                return outcome
            }
        }
    }

    private func read() async throws -> [(key: String, code: String)] {
        try await stack.deadLetters().split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            let mark = "gamification.error.code="
            let code = line.firstRange(of: mark).map { line[$0.upperBound...].prefix { $0 != "," } }
            return (String(parts.first ?? ""), code.map(String.init) ?? "no code")
        }
    }
}
