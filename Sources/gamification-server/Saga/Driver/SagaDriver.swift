import Events
import Kafka
import Lifecycle
import Observability
import Postgres
import Redis
import SchemaRegistry

/// Carries out what `SagaMachine` decides: consumes, books, sets boards, awards, marks, dead-letters and commits.
///
/// It has a thread of its own and blocks on it, with connections of its own: a burst of a hundred thousand events then
/// takes its turn with the event loop by the kernel's scheduler, and never stands between an award and its answer. Only
/// awards go to the loop, a wave's together. Not Sendable: it lives on one blocking executor.
final class SagaDriver {
    let configuration: SagaConfiguration
    let status: SagaStatus
    let log: Logger
    private let rules: RulesSource
    private let awards: any SagaAwards
    private let stop: StopFlag
    var machine: SagaMachine
    let consumer: KafkaConsumer
    private let ledger: PointsLedger
    private let redis: SagaRedis
    private let deadLetters: DeadLetterWriter
    private var reader: SagaReader
    var partitions: [LaneID: SagaPartition] = [:]
    /// A partition's position is not in its log any more.
    var mustTakeOnAnew = false
    /// Until when the registry, which did not answer, is not asked about any schema: of a batch with many unknown ones only
    /// the first waits for it.
    private var registryAwayUntil: MonotonicInstant?

    /// The longest wait for records, so that a stop and new rules are seen.
    private static let slice: Int64 = 200_000_000

    /// - Throws: `KafkaError`, `RedisError` of kind `configuration`.
    init(
        _ configuration: SagaConfiguration, rules: RulesSource, initialRules: BadgeRules, awards: any SagaAwards,
        status: SagaStatus, log: Logger, stop: StopFlag
    ) throws {
        self.configuration = configuration
        self.rules = rules
        self.awards = awards
        self.status = status
        self.log = log
        self.stop = stop
        machine = SagaMachine(configuration.settings, rules: initialRules)
        var options = ConsumerOptions()
        // For each partition; what one wave takes of it, several times over.
        options.prefetchKilobytes = 2 * 1024
        options.fetchKilobytes = 1024
        consumer = try KafkaConsumer(
            configuration.kafka, group: configuration.group, isolation: .readCommitted, options: options)
        ledger = PointsLedger(configuration.postgres, patience: .init(answer: .seconds(10), cancellation: .seconds(2)))
        redis = try SagaRedis(configuration)
        deadLetters = try DeadLetterWriter(configuration.kafka, topic: configuration.topics.deadLetters)
        reader = SagaReader(
            decoder: EventDecoder(registry: configuration.registry), topics: configuration.topics)
    }

    /// Consumes until the stop flag is set; then finishes the wave in hand, commits, and leaves the group.
    func run() async throws(KafkaError) {
        try consumer.subscribe(configuration.topics.consumed)
        while !stop.isSet || !machine.isSettled {
            let action = machine.next(now: MonotonicInstant.now().nanoseconds)
            guard case .wait(let idle, let until) = action else {
                let outcome = await perform(action)
                machine.finish(
                    outcome, now: MonotonicInstant.now().nanoseconds, chance: .random(in: 0...1))
                continue
            }
            if stop.isSet { break }
            await receive(idle, until)
        }
        close()
    }

    // MARK: - Taking in

    private func receive(_ idle: [LaneID], _ until: Int64?) async {
        if let fresh = rules.takeFresh() { machine.rules = fresh }
        serveEvents()
        report()
        var hasReceived = false
        for lane in idle {
            if let partition = partitions[lane], await take(partition) { hasReceived = true }
        }
        if mustTakeOnAnew { return takeOnAnew() }
        guard !hasReceived else { return }
        let now = MonotonicInstant.now().nanoseconds
        let wait = min(max(0, (until ?? .max) - now), Self.slice)
        consumer.waitForSignal(timeout: .nanoseconds(wait))
    }

    /// Takes what a partition's queue has and gives it to the machine.
    private func take(_ partition: SagaPartition) async -> Bool {
        guard partition.queue.poll(into: partition.batch, timeout: .zero) > 0 else { return false }
        partition.places.removeAll(keepingCapacity: true)
        var records: [SagaRecord] = []
        records.reserveCapacity(partition.batch.count)
        var end: Int64?
        for index in 0..<partition.batch.count {
            switch partition.batch.entry(index) {
            case .record:
                records.append(await read(partition, index))
                partition.places.append(index)
                end = partition.batch.offset(index) + 1
            case .endOfPartition: break
            case .error: handle(partition.batch.error(index), of: partition)
            }
        }
        guard let end else { return false }
        machine.give(partition.lane, records, end: end)
        return true
    }

    private func read(_ partition: SagaPartition, _ index: Int) async -> SagaRecord {
        var hasAsked = false
        while true {
            switch reader.read(partition.batch, index, role: partition.role, now: WallClock.milliseconds()) {
            case .record(let record): return record
            case .needsSchema(let id):
                if !hasAsked, await learn(id) {
                    hasAsked = true
                    continue
                }
                let failure = SagaFailure.unavailable("the schema registry does not answer about schema \(id)")
                return SagaRecord(offset: partition.batch.offset(index), content: .unreadable(failure))
            }
        }
    }

    /// Asks the registry, unless it has just failed to answer.
    private func learn(_ id: Int32) async -> Bool {
        if let registryAwayUntil, MonotonicInstant.now() < registryAwayUntil { return false }
        do {
            reader.learn(id, try await configuration.registry.lookup(id))
            registryAwayUntil = nil
            status.update { $0.degraded["schema-registry"] = nil }
            return true
        } catch {
            registryAwayUntil = .now().advanced(by: 100_000_000)
            status.update { $0.degraded["schema-registry"] = "\(error)" }
            return false
        }
    }

    // MARK: - Effects

    private func perform(_ action: SagaAction) async -> SagaOutcome {
        switch action {
        case .wait: return .done
        case .decode(let items):
            var contents: [SagaRecord.Content] = []
            for item in items {
                guard let (partition, index) = place(item) else {
                    contents.append(.foreign)
                    continue
                }
                contents.append(await read(partition, index).content)
            }
            return .decoded(contents)
        case .look(let marks): return .looked(redis.look(marks))
        case .book(let batch, let notesRepairs): return book(batch, notesRepairs)
        case .setBoards(let entries):
            let missing = redis.setBoards(entries)
            status.update {
                $0.degraded["redis-durable"] = missing.isEmpty ? nil : "boards cannot be set; they are repaired later"
            }
            return .boardsSet(missing: missing)
        case .noteRepairs(let merchants): return ledger.noteRepairs(merchants) == nil ? .done : .unavailable
        case .unlink(let owners): return .unlinked(redis.unlink(owners))
        case .award(let wishes): return .awarded(await award(wishes))
        case .mark(let marks):
            redis.mark(marks)
            return .done
        case .bury(let burials): return .buried(bury(burials))
        case .commit(let positions): return commit(positions)
        }
    }

    private func place(_ item: SagaItem) -> (SagaPartition, Int)? {
        guard let partition = partitions[item.lane], partition.places.indices.contains(item.index) else { return nil }
        return (partition, partition.places[item.index])
    }

    private func book(_ batch: PointsBatch, _ notesRepairs: Bool) -> SagaOutcome {
        switch ledger.book(batch, notesRepairs: notesRepairs) {
        case .booked(let booking):
            status.update { $0.degraded["saga-postgres"] = nil }
            return .booked(booking)
        case .refused: return .refused
        case .failed(let error):
            log.warning("points cannot be booked now", [.string("reason", "\(error)")])
            status.update { $0.degraded["saga-postgres"] = "\(error)" }
            return .unavailable
        }
    }

    private func award(_ wishes: [AwardWish]) async -> [AwardOutcome] {
        let requests = wishes.map { wish in
            SagaAward(
                merchant: wish.owner.merchant, customer: wish.owner.customer, badge: wish.badge,
                traceparent: place(wish.item).flatMap { traceparent($0.0, $0.1) })
        }
        return await awards.award(requests)
    }

    /// By its header, else by the `trace_id` of its value.
    private func traceparent(_ partition: SagaPartition, _ index: Int) -> String? {
        if let header = TraceHeader.traceparent(partition.batch, index) { return header }
        let letter = reader.letter(partition.batch, index) ?? DeadLetter()
        let type = reader.type(partition.role, letter)
        guard let value = partition.batch.value(index),
            let place = reader.fields(partition.batch, index, type: type)?.traceID
        else { return nil }
        return TraceHeader.traceparent(traceID: value[place])
    }

    private func bury(_ burials: [SagaBurial]) -> [Bool] {
        var letters: [DeadLetterWriter.Letter] = []
        // A lane that was taken away meanwhile has nothing to be written: the next owner decides.
        var isGone: [Bool] = []
        for burial in burials {
            guard let (partition, index) = place(burial.item), let letter = letter(burial, partition, index) else {
                isGone.append(true)
                continue
            }
            isGone.append(false)
            letters.append(letter)
        }
        let (isWritten, reason) = deadLetters.write(letters)
        var written = isWritten.makeIterator()
        let results = isGone.map { $0 ? true : written.next() ?? false }
        let failed = results.count { !$0 }
        status.update {
            $0.degraded["dead-letters"] =
                failed == 0
                ? nil : "\(failed) cannot be written now: \(reason?.description ?? "not acknowledged in time")"
        }
        for (burial, isWritten) in zip(burials, results) where isWritten {
            status.update { $0.buried[burial.failure.code.rawValue, default: 0] += 1 }
            log.warning("dead-lettered", fields(burial))
        }
        return results
    }

    private func fields(_ burial: SagaBurial) -> [LogField] {
        guard let (partition, index) = place(burial.item) else { return [] }
        return [
            .string("topic", partition.partition.topic), .integer("partition", partition.partition.partition),
            .integer("offset", partition.batch.offset(index)), .string("error_type", burial.failure.code.rawValue),
            .string("reason", burial.failure.message),
        ]
    }

    private func letter(
        _ burial: SagaBurial, _ partition: SagaPartition, _ index: Int
    ) -> DeadLetterWriter.Letter? {
        let batch = partition.batch
        let topic = partition.partition
        guard let consumed = Origin(topic: topic.topic, partition: topic.partition, offset: batch.offset(index)) else {
            return nil
        }
        let carried = reader.letter(batch, index) ?? DeadLetter()
        let timestamp = batch.timestamp(index)
        var failure = ProcessingFailure(
            consumed: consumed, timestamp: timestamp.type == .none ? nil : timestamp.milliseconds,
            group: configuration.group, deliveries: burial.deliveries, message: burial.failure.message,
            code: burial.failure.code, failedAt: WallClock.milliseconds())
        let type = reader.type(partition.role, carried)
        let fields = reader.fields(batch, index, type: type)
        failure.eventID = fields?.eventID ?? carried.eventID
        failure.eventType = type ?? fields?.type
        failure.merchantID = fields?.merchantID ?? carried.merchantID
        return DeadLetterWriter.Letter(batch: batch, index: index, failure: failure, carried: carried)
    }

    private func commit(_ positions: [LanePosition]) -> SagaOutcome {
        let offsets = positions.compactMap { position in
            partitions[position.lane].map { PartitionOffset($0.partition, offset: position.offset) }
        }
        guard !offsets.isEmpty else { return .done }
        do throws(KafkaError) {
            try consumer.commit(offsets, timeout: .seconds(10))
            return .done
        } catch {
            log.warning("offsets cannot be committed now", [.string("reason", "\(error)")])
            return .unavailable
        }
    }

    // MARK: - Telling, and the end

    private func report() {
        let (pausedUntil, tally) = (machine.pausedUntil, machine.tally)
        let (waiting, count, lag) = (machine.waiting, partitions.count, lag)
        let known = status.snapshot.pauseReason
        let reason = pausedUntil.map { _ in
            "too many records fail: consumption is paused, and a few are tried from time to time"
        }
        if known == nil, let reason { log.error(reason) }
        if known != nil, reason == nil { log.info("consumption goes on") }
        status.update {
            $0.pauseReason = reason
            $0.tally = tally
            $0.waiting = waiting
            $0.partitions = count
            $0.lag = lag
        }
    }

    /// Offsets of this instance's partitions that are not committed.
    private var lag: Int64 {
        partitions.values.reduce(0) { sum, partition in
            guard let end = consumer.fetchedEnd(of: partition.partition), let lane = machine.lanes[partition.lane]
            else { return sum }
            return sum + max(0, end - lane.committed)
        }
    }

    private func close() {
        for partition in partitions.values { partition.batch.reset() }
        partitions = [:]
        _ = consumer.close(timeout: .seconds(5))
        deadLetters.close()
        redis.close()
        ledger.close()
    }
}
