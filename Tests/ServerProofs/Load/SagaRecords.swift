package import Kafka
import Lifecycle
package import Postgres

/// Records as points-service and users-service publish them.
package struct SagaRecords: Sendable {
    /// Ids of the registered schemas.
    package let schemas: (points: Int32, updates: Int32)

    package init(schemas: (points: Int32, updates: Int32)) { self.schemas = schemas }

    private static func number(_ value: Int64) -> [UInt8] {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func text(_ id: PostgresUUID) -> [UInt8] { number(36) + Array(id.description.utf8) }

    private static func framed(_ id: Int32, _ datum: [UInt8]) -> [UInt8] {
        [0] + withUnsafeBytes(of: id.bigEndian) { Array($0) } + datum
    }

    /// Ids by number.
    package static func event(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0xE, low: UInt64(number)) }
    package static func customer(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0xC, low: UInt64(number)) }
    package static func merchant(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0xA, low: UInt64(number)) }

    /// A `points.earned` record, keyed by customer; `createdAt` in milliseconds.
    package func points(
        _ event: Int, customer: Int, merchant: Int = 1, points: Int64, createdAt: Int64? = nil, traceID: String? = nil
    ) -> OutgoingRecord {
        let datum =
            Self.text(Self.event(event)) + Self.text(Self.customer(customer)) + Self.text(Self.merchant(merchant))
            + Self.number(points) + (createdAt.map { Self.number(1) + Self.number($0) } ?? Self.number(0))
            + (traceID.map { Self.number(1) + Self.number(Int64($0.utf8.count)) + Array($0.utf8) } ?? Self.number(0))
        return OutgoingRecord(
            key: Array(Self.customer(customer).description.utf8), value: Self.framed(schemas.points, datum))
    }

    /// A `customer.updated` record.
    package func update(_ event: Int, customer: Int, merchant: Int = 1) -> OutgoingRecord {
        let words = [Array("a@b.example".utf8), Array("de".utf8)].flatMap { Self.number(Int64($0.count)) + $0 }
        let datum =
            Self.text(Self.event(event)) + Self.text(Self.customer(customer)) + Self.text(Self.merchant(merchant))
            + words + Self.number(0) + Self.number(0)
        return OutgoingRecord(
            key: Array(Self.customer(customer).description.utf8), value: Self.framed(schemas.updates, datum))
    }

    /// Publishes records in order; all of them are there when it returns.
    package static func publish(
        _ records: [OutgoingRecord], to topic: String, _ client: KafkaConfiguration
    ) async throws {
        try await BlockingExecutor(name: "publish").run {
            let producer = try KafkaProducer(client, transactionalID: nil)
            do {
                let handle = try producer.topic(topic)
                for record in records { try handle.send(record) }
            }
            try producer.flush(timeout: .seconds(60))
            let failed = producer.takeFailures().failures.first
            producer.close(timeout: .seconds(10))
            if let failed { throw failed.error }
        }
    }
}
