import Avro
import EventLoop
import Kafka
import Postgres
import Redis
import Translations

/// Finishes intents to take translations out of the caches that are older than a minute: whoever left them had the time to do
/// it. ``IntentSweep`` decides, this does what it says.
final class InvalidationSweep {
    private static let age: Int64 = 60

    private let redis: LoopRedis
    private let kafka: LoopProducer
    private let encoder: AvroEncoder
    private let schemaID: () -> Int32?
    private var machine = IntentSweep([])

    /// `schemaID` is nil until the registry has answered.
    init(redis: LoopRedis, kafka: LoopProducer, schemaID: @escaping () -> Int32?) throws {
        self.redis = redis
        self.kafka = kafka
        self.schemaID = schemaID
        encoder = AvroEncoder(schema: try AvroSchema.parse(CacheInvalidateRecord.schemaText))
    }

    var sweep: Sweep {
        Sweep(name: "translation_invalidations", interval: 15) { [self] lease, done in
            guard redis.isUp, schemaID() != nil, !kafka.isAway else { return done(.idle) }
            machine = IntentSweep(olderThanSeconds: Self.age)
            step(lease, done)
        }
    }

    private func step(_ lease: PostgresLease, _ done: @escaping (SweepEnd) -> Void) {
        switch machine.step {
        case .done: done(.idle)
        case .query(let query):
            lease.run([PostgresQuery(query)]) { [self] answer in
                switch answer {
                case .failure(let error): done(.failed("\(error)"))
                case .success(let results):
                    guard let rows = results.first else { return done(.failed("the database gave no answer")) }
                    machine.accept(rows)
                    step(lease, done)
                }
            }
        case .unlink(let translations):
            let style = redis.keys.style
            let isCluster = redis.isCluster
            let commands = translations.flatMap { $0.invalidation(inCluster: isCluster, style: style) }
            all(commands.count, { index, each in redis.send(commands[index]) { each($0.failure.map { "\($0)" }) } }) {
                [self] failure in
                advance(failure, lease, done)
            }
        case .publish(let groups): publish(groups, lease, done)
        }
    }

    private func publish(
        _ groups: [TranslationGroup], _ lease: PostgresLease, _ done: @escaping (SweepEnd) -> Void
    ) {
        guard let id = schemaID() else { return done(.idle) }
        let now = WallClock.milliseconds()
        all(
            groups.count,
            { index, each in
                let group = groups[index]
                guard
                    let value = try? CacheInvalidateRecord.value(group, encoder: encoder, schemaID: id, now: now),
                    kafka.send(
                        OutgoingRecord(key: CacheInvalidateRecord.key(group), value: value), to: "cache.invalidate",
                        { each($0.map { "\($0)" }) })
                else { return each("Kafka takes no records") }
            }
        ) { [self] failure in advance(failure, lease, done) }
    }

    private func advance(_ failure: String?, _ lease: PostgresLease, _ done: @escaping (SweepEnd) -> Void) {
        // The intents are still there: the next pass begins with them.
        if let failure { return done(.failed(failure)) }
        machine.advance()
        step(lease, done)
    }

    /// Begins all, and goes on when each has ended, with one of the failures.
    private func all(
        _ count: Int, _ begin: (Int, @escaping (String?) -> Void) -> Void, then: @escaping (String?) -> Void
    ) {
        guard count > 0 else { return then(nil) }
        var left = count
        var failure: String?
        for index in 0..<count {
            begin(index) {
                failure = $0 ?? failure
                left -= 1
                if left == 0 { then(failure) }
            }
        }
    }
}

extension Result {
    /// The error, if it is one.
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
