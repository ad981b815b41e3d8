import Kafka
import Testing

@testable import Redrive

@Suite struct PatienceTests {
    private func fail(_ patience: Patience, _ kind: KafkaErrorKind) {
        do throws(KafkaError) {
            try patience.spend { _ throws(KafkaError) in throw KafkaError(.commit, kind: kind, reason: "x") }
        } catch {}
    }

    @Test func callsThatAreNotAnsweredShareOneBudget() {
        let patience = Patience(.seconds(3_600))
        #expect(patience.left == .seconds(3_600) && !patience.isStrained)
        fail(patience, .timedOut)
        let first = patience.left
        #expect(first < .seconds(3_600) && patience.isStrained)
        fail(patience, .unreachable)
        #expect(patience.left < first)
    }

    @Test(arguments: [KafkaErrorKind.fenced, .authorization, .messageTooLarge])
    func anAnswerOfAnyKindFillsItAgain(kind: KafkaErrorKind) throws(KafkaError) {
        let patience = Patience(.seconds(3_600))
        fail(patience, .timedOut)
        try patience.spend { _ throws(KafkaError) in }
        #expect(patience.left == .seconds(3_600))
        fail(patience, .timedOut)
        fail(patience, kind)
        #expect(patience.left == .seconds(3_600))
    }

    @Test func brokersThatAreBackAreHeardHoweverLittleIsLeft() {
        let patience = Patience(.zero)
        fail(patience, .timedOut)
        #expect(patience.left == .seconds(1))
    }
}
