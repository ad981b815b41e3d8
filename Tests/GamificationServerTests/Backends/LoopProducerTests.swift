import EventLoop
import Kafka
import LoopTestSupport
import Observability
import Synchronization
import TestSupport
import Testing

@testable import gamification_server

@Suite("The producer on the event loop")
struct LoopProducerTests {
    /// What became of records, and whether one's end was told inside of a send.
    private final class Ends: Sendable {
        struct State {
            var acknowledged = 0
            var failed = 0
            var toldIdle = 0
            var isSending = false
            var wasToldInside = false
        }

        let state = Mutex(State())

        func ended(_ error: KafkaError?) {
            state.withLock {
                if error == nil { $0.acknowledged += 1 } else { $0.failed += 1 }
                $0.wasToldInside = $0.wasToldInside || $0.isSending
            }
        }
    }

    private static let record = OutgoingRecord(key: [1], value: [2])

    /// Kafka's number of Produce, and OUT_OF_ORDER_SEQUENCE_NUMBER, after which an idempotent producer is dead.
    private static let (produce, outOfOrder): (Int16, Int32) = (0, 45)

    @Test("A producer that dies is replaced; every record's end is told once, never inside of a send, and so is rest")
    func replacement() async throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let ends = Ends()
        let thread = try await LoopThread { loop in
            try LoopProducer(
                loop, KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, clientID: "test"),
                log: Logger(level: .error))
        }
        cluster.pushErrors(Array(repeating: Self.outOfOrder, count: 10), apiKey: Self.produce)
        // On the loop's thread without a turn of the loop, so that it is a send that finds the producer dead.
        let taken = try await thread.run { producer in
            var taken = 0
            let hasDied = eventuallyBlocking {
                ends.state.withLock { $0.isSending = true }
                let isTaken = producer.send(Self.record, to: "t") { ends.ended($0) }
                ends.state.withLock { $0.isSending = false }
                taken += isTaken ? 1 : 0
                return !isTaken
            }
            for _ in 0..<2 { producer.whenIdle { ends.state.withLock { $0.toldIdle += 1 } } }
            return hasDied ? taken : 0
        }
        #expect(taken > 0)
        #expect(await eventually { ends.state.withLock { $0.failed == taken && $0.toldIdle == 2 } })
        cluster.clearErrors(apiKey: Self.produce)
        let isTaken = try await thread.run { producer in
            producer.send(Self.record, to: "t") { ends.ended($0) }
        }
        #expect(isTaken)
        #expect(await eventually { ends.state.withLock { $0.acknowledged == 1 } })
        ends.state.withLock { #expect(!$0.wasToldInside && $0.failed == taken) }
    }
}
