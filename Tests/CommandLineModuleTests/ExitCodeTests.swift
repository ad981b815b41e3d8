import Testing

@testable import CommandLine

@Suite struct ExitCodeTests {
    /// The contract's order.
    private static let order: [ExitCode] = [
        .usage, .interrupted, .notAuthorised, .unreachable, .failed, .refused, .stoppedEarly, .partial, .done,
    ]

    @Test func theOrderHoldsForEveryPair() {
        for (index, winner) in Self.order.enumerated() {
            for loser in Self.order[index...] {
                #expect(ExitCode.most(of: [winner, loser]) == winner)
                #expect(ExitCode.most(of: [loser, winner]) == winner)
            }
        }
        #expect(ExitCode.most(of: []) == .done)
        #expect(ExitCode.most(of: Self.order.reversed()) == .usage)
        #expect(ExitCode.most(of: [.terminated, .interrupted]) == .terminated)
    }

    @Test func numbersAndWordsAreStable() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 130, 143])
        #expect(Set(ExitCode.allCases.map(\.reason)).count == ExitCode.allCases.count)
        #expect(ExitCode.signal(2) == .interrupted)
        #expect(ExitCode.signal(15) == .terminated)
        #expect(ExitCode.signal(1) == .terminated)
        #expect(ExitCode.signal(9) == nil)
        #expect(ExitCode.signal(-128) == nil)
    }
}
