import Events
import Postgres
import Testing

@testable import gamification_server

@Suite("An event that is in a wave twice")
struct RepeatedEventTests {
    private static let event = PointsEvent(
        id: PostgresUUID(high: 1, low: 1), owner: SagaWorld.customer(1), points: 300, time: 1_700_000_000_000)

    /// Takes a machine with two records of one event through its first wave, and gives the marks that it sets.
    private func marks(_ outcome: AwardOutcome) -> [SagaMark]? {
        let rules = BadgeRules(standard: [SagaWorld.rule("gold", .totalPoints, 300)], merchants: [:])
        var machine = SagaMachine(SagaSettings(), rules: rules)
        let lane = machine.addLane(at: 0)
        machine.give(lane, (0..<2).map { SagaRecord(offset: $0, content: .points(Self.event)) }, end: 2)
        for _ in 0..<20 {
            switch machine.next(now: 1) {
            case .look(let marks): machine.finish(.looked(marks.map { _ in false }), now: 1, chance: 0)
            case .book:
                let standing = CustomerStanding(points: 300, events: 1, streak: 1, version: 1)
                machine.finish(.booked(Booking(standings: [standing], counted: 1)), now: 1, chance: 0)
            case .setBoards: machine.finish(.boardsSet(missing: []), now: 1, chance: 0)
            case .award(let wishes): machine.finish(.awarded(wishes.map { _ in outcome }), now: 1, chance: 0)
            case .mark(let marks): return marks
            case .wait, .commit: return []
            default: return nil
            }
        }
        return nil
    }

    @Test("It is marked as done by neither record while an award that is due cannot be made")
    func failing() { #expect(marks(.unavailable) == []) }

    @Test("It is marked as done when the award is made")
    func succeeding() { #expect(marks(.awarded).map { Set($0.map(\.event)) } == [Self.event.id]) }
}
