import Dispatch
package import Kafka
package import Lifecycle

/// One copy's run over the source: joins the group, hands partitions to lanes, ends when the lanes have.
///
/// Blocking: `run` is to be called on a blocking executor; the lanes have executors of their own.
package final class RedriveRun {
    private let settings: RedriveSettings
    private let ends: EndPins
    private let stop: StopFlag
    private let notify: @Sendable (String) -> Void
    /// The counts while it runs. Any thread.
    package let statistics: RunStatistics
    /// What the run is to do; any thread may say it.
    package let controls = RunControls()
    private var heeded = RunControls.State()
    private let consumer: KafkaConsumer
    private let store: ProgressStore
    private let processors: [@Sendable () throws -> any RecordProcessor]
    private var lanes: [LaneHandle] = []
    /// The lanes that have partitions.
    private var holding: Set<Int> = []
    private var epoch: UInt64 = 0
    private var hasAssignment = false
    private var assigned: [TopicPartition] = []
    /// The assignment in hand, as the group gave it.
    private var held: (partitions: [TopicPartition], metadata: GroupMetadata)?
    private var nudge = PrefetchNudge(milliseconds: 20)
    private var outage = Outage()
    /// Of the run's own thread; every lane has another.
    private let patience: Patience
    private var source = SourceWatch()
    private let standby: Standby
    private let pacer: RunPacer

    /// - Parameters:
    ///   - ends: where the run stops, by partition.
    ///   - stop: asks for a clean end.
    ///   - notify: told in a sentence what is waited for, and what the operator should know.
    ///   - processors: makes the processor of each lane, on the lane's thread; their number is the lanes'.
    ///   - permits: where the copies of the run share its rate by demand; nil is by the partitions that each owns.
    package init(
        _ settings: RedriveSettings, ends: EndPins, stop: StopFlag, notify: @escaping @Sendable (String) -> Void,
        processors: [@Sendable () throws -> any RecordProcessor], permits: (any PermitSource)? = nil
    ) throws(KafkaError) {
        self.settings = settings
        self.ends = ends
        self.stop = stop
        self.notify = notify
        self.processors = processors
        patience = Patience(settings.patience)
        standby = Standby(settings)
        pacer = RunPacer(settings.pace, permits: permits)
        statistics = RunStatistics(lanes: processors.count)
        var options = ConsumerOptions()
        options.prefetchKilobytes = settings.pace == .unlimited ? 6 * 1024 : 2 * 1024
        options.fetchKilobytes = settings.pace == .unlimited ? 2 * 1024 : 1024
        // A run that ends waits for the end of its partitions, and whatever else is asked of a broker waits behind a
        // fetch that the broker holds back. Only one that follows idles for long.
        // One that is paced has time, and asks for empty fetches the less often.
        if !settings.follows { options.fetchWaitMilliseconds = settings.pace == .unlimited ? 10 : 200 }
        consumer = try KafkaConsumer(
            settings.kafka, group: settings.group, isolation: .readCommitted, options: options)
        store = try ProgressStore(settings, member: consumer, stop: stop, notify: notify)
    }

    /// What the run came to.
    package struct Result: Sendable {
        /// How the lanes ended; `.stopped` where `error` says why.
        package var outcome: LaneOutcome
        /// What ended the run before its end.
        package var error: RedriveError?
    }

    /// Works until the pinned ends, the limit, a stop or an error. A client that does not end in time is left behind: the
    /// process should leave by `_exit`.
    package func run() -> Result {
        do throws(RedriveError) {
            let outcome = try work()
            close(isAway: false)
            return Result(outcome: outcome, error: nil)
        } catch {
            close(isAway: error.isOutage)
            return Result(outcome: .stopped, error: error)
        }
    }

    private func work() throws(RedriveError) -> LaneOutcome {
        do throws(KafkaError) {
            for (index, make) in processors.enumerated() {
                lanes.append(
                    LaneHandle(
                        index: index, settings: settings, consumer: consumer, queue: try consumer.makeRecordQueue(),
                        store: store, pacer: pacer, statistics: statistics, makeProcessor: make))
            }
            try consumer.subscribe(settings.sources.names)
        } catch {
            throw .kafka(error)
        }
        statistics.change { $0.waitingFor = "the group" }
        let joinedAt = MonotonicInstant.now()
        var hasSaid = false
        var isStopping = false
        while true {
            // Before partitions come: a run that is to wait from the start sends nothing.
            heedControls()
            try handleEvents()
            if pacer.isFast, settings.follows || statistics.isBehind { nudge.nudge(consumer, assigned) }
            try checkOutage()
            if source.isDue(), !isStopping, isSourceAnother() {
                try renewAssignment()
                // What loading accepts is what the next looks are compared with.
                source.restart()
            }
            if hasAssignment, assigned.isEmpty, !isStopping { try standBy() }
            if stop.isSet || controls.isStopped, !isStopping {
                isStopping = true
                for lane in lanes { lane.give(.stop) }
            }
            if !hasAssignment, !hasSaid, MonotonicInstant.now().seconds(since: joinedAt) > 5 {
                hasSaid = true
                notify(
                    "waiting for group \(settings.group); a member that was killed holds it up to its session's end, 10 s"
                )
            }
            if let outcome = try laneOutcome(isStopping: isStopping) { return outcome }
        }
    }

    /// Passes on what has changed of what the run is to do.
    private func heedControls() {
        let wanted = controls.current
        guard wanted != heeded else { return }
        if let rate = wanted.rate, rate != heeded.rate {
            pacer.setRate(rate)
            for lane in lanes { lane.give(.budget(.of(rate))) }
        }
        if wanted.pauses.isEmpty != heeded.pauses.isEmpty {
            pacer.setPaused(!wanted.pauses.isEmpty)
            for lane in lanes { lane.give(.pause(!wanted.pauses.isEmpty)) }
        }
        if wanted.pauses != heeded.pauses {
            statistics.change { $0.pauses = wanted.pauses.sorted() }
        }
        heeded = wanted
    }

    /// The run's outcome once every lane has come to an end.
    private func laneOutcome(isStopping: Bool) throws(RedriveError) -> LaneOutcome? {
        if !isStopping, lanes.contains(where: \.needsAssignment) {
            try renewAssignment()
            return nil
        }
        var outcomes: [LaneOutcome] = []
        for lane in lanes {
            switch lane.status {
            case .failed(let error): throw error
            case .finished(let outcome): outcomes.append(outcome)
            case .working, .needsAssignment: return nil
            case .released:
                // A lane without a partition has nothing to do, where the copy has one; one that follows stands by.
                guard (!assigned.isEmpty && !settings.follows) || isStopping else { return nil }
            }
        }
        if isStopping { return .stopped }
        if outcomes.contains(.limitReached) { return .limitReached }
        if let bounded = outcomes.first(where: { if case .bounded = $0 { true } else { false } }) { return bounded }
        return .drained
    }

    /// When the others end or die, their partitions come here.
    private func standBy() throws(RedriveError) {
        do throws(KafkaError) {
            switch try standby.look(patience) {
            case .undecided: return
            case .nobodyWorks: try consumer.subscribe(settings.sources.names)
            case .othersWork:
                if standby.shouldSay { notify("other copies hold all partitions; standing by until one of them ends") }
            }
        } catch {
            throw .kafka(error)
        }
    }

    // MARK: - Rebalances

    private func handleEvents() throws(RedriveError) {
        do {
            for event in try consumer.pollEvents(
                timeout: settings.pace == .unlimited ? .milliseconds(10) : .milliseconds(50))
            {
                switch event {
                case .assign(let partitions, let metadata): try assign(partitions, metadata)
                case .revoke: try revoke()
                case .error(let error): try consider(error)
                }
            }
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }

    /// A partition that retention has overtaken is fetched no more until it is assigned again. Everything is given back
    /// and taken anew under the same membership, so that no lane goes on with a part of what it has read ahead.
    private func renewAssignment() throws(RedriveError) {
        guard let held else { return }
        do {
            try revoke()
            try assign(held.partitions, held.metadata)
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }

    private func assign(_ partitions: [TopicPartition], _ metadata: GroupMetadata) throws {
        let mine = partitions.compactMap(settings.sources.slot).sorted()
        try checkAlone(mine)
        statistics.change {
            $0.partitions = mine.count
            $0.waitingFor = mine.isEmpty ? nil : "the group's progress"
        }
        let starts = mine.isEmpty ? [] : try store.load(mine, patience)
        // What there was to say at the start, whoever planned the run has said.
        if epoch > 0 {
            for start in starts {
                let topic = settings.sources.topic(of: start.partition)
                start.notices.forEach { notify($0.sentence(topic: topic)) }
            }
        }
        statistics.change { $0.waitingFor = nil }
        epoch += 1
        pacer.setShare(owned: mine.count, of: try ends.partitionCount())
        var shares = [[(start: PartitionStart, end: Int64?)]](repeating: [], count: lanes.count)
        var assignment: [(start: PartitionOffset, queue: RecordQueue)] = []
        var bounds: [TopicPartition: Watermarks] = [:]
        for (position, start) in starts.enumerated() {
            let end = settings.follows ? nil : try ends.end(of: start.partition)
            let lane = position % lanes.count
            shares[lane].append((start, end))
            let partition = settings.sources.place(of: start.partition)
            let offset = start.done.firstMissing(from: start.done.committed)
            assignment.append((PartitionOffset(partition, offset: offset), lanes[lane].queue))
            // No log ends below what was pinned or done.
            bounds[partition] = Watermarks(
                logStart: start.logStart, highWatermark: max(end ?? 0, start.done.highestDone.map { $0 + 1 } ?? 0))
        }
        if !mine.isEmpty {
            statistics.begin(
                remaining: shares.map { share in
                    share.reduce(0) { $0 + $1.start.done.remaining(below: $1.end ?? $1.start.done.committed) }
                })
        }
        for (index, share) in shares.enumerated() where !share.isEmpty {
            holding.insert(index)
            lanes[index].give(
                .assign(
                    .init(partitions: share, epoch: epoch, metadata: metadata)))
        }
        try consumer.assign(assignment)
        assigned = assignment.map(\.start.partition)
        held = (partitions, metadata)
        hasAssignment = true
        source.restart(bounds)
        standby.restart()
    }

    private func checkAlone(_ mine: [Int32]) throws {
        guard let reason = settings.needsToBeAlone else { return }
        // None at all may be a leader that does not know the topic yet; the next assignment tells.
        guard !mine.isEmpty, mine.count < (try ends.partitionCount()) else { return }
        throw RedriveError.notAlone(member: "another copy", reason: reason)
    }

    private func revoke() throws {
        hasAssignment = false
        assigned = []
        held = nil
        // The others hold nothing; an order to them would be answered at a time when it means something else.
        let holders = lanes.indices.filter(holding.contains)
        for index in holders { lanes[index].give(.release) }
        for index in holders { try waitUntilReleased(lanes[index]) }
        holding = []
        try consumer.unassign()
        statistics.change { $0.waitingFor = "the group" }
    }

    private func waitUntilReleased(_ lane: LaneHandle) throws {
        while true {
            switch lane.status {
            // A lane that was told to stop says `finished` again as soon as it has released: it holds nothing either way.
            case .released, .finished(.stopped): return
            case .failed(let error): throw error
            case .working, .needsAssignment, .finished:
                lane.waitForReport(milliseconds: 20)
                try checkOutage()
            }
        }
    }

    /// What librdkafka would try again without end, although only somebody can mend it, ends the run.
    private func consider(_ error: KafkaError) throws {
        if error.isFatal { throw RedriveError.kafka(error) }
        switch error.kind {
        case .authorization, .authentication, .unknownTopic, .configuration, .groupRefused:
            throw RedriveError.kafka(error)
        default: break
        }
        if error.kind == .unreachable { outage.began(error) }
    }

    /// Whether the source was deleted and made anew; loading the progress then says so and refuses.
    private func isSourceAnother() -> Bool {
        for partition in source.next(of: assigned) {
            guard let bounds = store.watermarks(of: partition) else { return false }
            if source.wentBack(partition, to: bounds) { return true }
        }
        return false
    }

    /// Brokers that are away are waited for, for as long as a call to them may take.
    private func checkOutage() throws(RedriveError) {
        guard outage.shouldProbe else { return }
        do throws(KafkaError) {
            _ = try consumer.partitionCount(of: settings.sources.names[0], timeout: .seconds(2))
            if outage.ended() { notify("the brokers are back") }
        } catch {
            if let cause = outage.probeFailed(error, patience: settings.patience) { throw .kafka(cause) }
            if outage.shouldSay { notify("no broker answers; waiting up to \(settings.patience.components.seconds) s") }
        }
    }

    // MARK: - End

    /// - Parameter isAway: whether the brokers are away; what is told them then is not heard, and not waited for.
    private func close(isAway: Bool) {
        // What was published at least once and not committed would be published again.
        if settings.delivery == .atLeastOnce, !isAway {
            for lane in lanes { lane.give(.stop) }
            for lane in lanes { lane.waitUntilSettled(seconds: 10) }
        }
        for lane in lanes { lane.give(.quit) }
        for lane in lanes { _ = lane.waitForEnd(timeout: .seconds(isAway ? 2 : 10)) }
        lanes = []
        consumer.close(timeout: .seconds(isAway ? 2 : 8))
        _ = standby.close(timeout: .seconds(isAway ? 1 : 5))
        _ = store.close(timeout: .seconds(isAway ? 1 : 5))
    }
}
