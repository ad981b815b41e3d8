import CommandLine
import Configuration
import Glibc
import Kafka
import Lifecycle
import ToolKit

/// `reprocess-dlq watch`: looks again and again, without joining a group and without writing anything.
struct WatchCommand: Sendable {
    let console: Console
    let options: WatchOptions
    let stop: StopFlag
    private let patience = Duration.seconds(10)
    /// How old the counts of reasons and ages may become, seconds.
    private static let sampleAge = 30.0

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        guard options.list.isJSON || isatty(1) == 1 else {
            console.error("watch draws on a terminal, and standard output is none; give --output json")
            return .usage
        }
        let executor = BlockingExecutor(name: "watch")
        return await Task(executorPreference: executor) { await watch() }.value
    }

    /// What is kept from one look to the next.
    private struct Memory {
        var ends: Int64 = 0
        var done: Int64 = 0
        var at: MonotonicInstant?
        var tally = ListTally()
        var isWhole = true
        var sampledAt: MonotonicInstant?
        var clusterID = ""
        /// As long as they are answered: after a failure new ones are made.
        var clients: (admin: KafkaAdmin, others: SurveyClients)?

        mutating func disconnect() {
            clients?.admin.close(timeout: .seconds(2))
            clients?.others.close(timeout: .seconds(2))
            clients = nil
        }
    }

    private func watch() async -> ExitCode {
        var memory = Memory()
        defer { memory.disconnect() }
        var looks = 0
        do {
            if !options.list.isJSON {
                ScreenSignals.install(opening: Console.screenOpening, closing: Console.screenClosing)
                try console.openScreen()
                try console.draw(screen: [
                    "\(options.list.queue.topic): looking for the first time, up to \(HumanText.duration(patience)) …"
                ])
            }
            defer {
                if !options.list.isJSON {
                    console.closeScreen()
                    ScreenSignals.remove()
                }
            }
            while !stop.isSet {
                let frame = await look(&memory)
                if options.list.isJSON {
                    try console.result(jsonLine: frame.json)
                    try console.flush()
                } else {
                    try console.draw(screen: frame.lines(Terminal.style(1, .process())))
                }
                looks += 1
                if looks == options.count ?? .max { return .done }
                await pause()
            }
        } catch {
            console.error("\(error)")
            return .failed
        }
        return stop.signal.flatMap { ExitCode.signal($0.rawValue) } ?? .done
    }

    private func pause() async {
        let end = MonotonicInstant.now().advanced(bySeconds: options.interval / .seconds(1))
        while !stop.isSet, MonotonicInstant.now() < end { Pause.milliseconds(50) }
    }

    private func look(_ memory: inout Memory) async -> WatchFrame {
        var frame = WatchFrame(at: TimeSource.milliseconds(), topic: options.list.queue.topic)
        frame.clusterID = memory.clusterID
        do {
            try await look(&frame, &memory)
        } catch {
            memory.disconnect()
            frame.trouble = Refusal(error).description
        }
        frame.reasons = memory.tally.reasons.largest(8) { $0 }.entries.map { ($0.text, $0.count) }
        frame.ages = zip(ListAge.buckets, memory.tally.ages).map { ($0.name, $1) }
        frame.sampled = memory.tally.left
        frame.isSampleWhole = memory.isWhole
        frame.oldest = memory.tally.oldest
        return frame
    }

    private func look(_ frame: inout WatchFrame, _ memory: inout Memory) async throws {
        let list = options.list
        let kafka = list.queue.connection.kafka
        let clients = try memory.clients ?? (KafkaAdmin(kafka), SurveyClients(kafka, group: list.queue.group))
        memory.clients = clients
        let survey = try list.queue.surveyor(
            toleratesProgress: true, patience: patience, stop: stop, say: { _ in }
        ).survey(clients.admin, with: clients.others)
        memory.clusterID = survey.clusterID
        frame.clusterID = survey.clusterID
        frame.size = survey.remaining
        frame.heldBack = survey.unstable
        if !survey.knowsProgress { frame.trouble = survey.notices.last }
        let now = MonotonicInstant.now()
        let ends = survey.partitions.reduce(0) { $0 + $1.highWatermark }
        let done = survey.partitions.reduce(0) { $0 + $1.end - $1.remaining }
        if let before = memory.at {
            let seconds = max(0.001, now.seconds(since: before))
            frame.arrivals = max(0, Double(ends - memory.ends) / seconds)
            frame.redrives = max(0, Double(done - memory.done) / seconds)
        }
        (memory.at, memory.ends, memory.done) = (now, ends, done)
        frame.lags = options.consumers.map { consumer in
            let records = try? ConsumerLag.records(
                of: consumer.group, on: consumer.topic, clients.admin, clients.others.stable, timeout: .seconds(5))
            return (consumer.group, consumer.topic, records)
        }
        if now.seconds(since: memory.sampledAt ?? now) >= Self.sampleAge || memory.sampledAt == nil {
            try await count(survey, &memory)
            memory.sampledAt = .now()
        }
    }

    private func count(_ survey: QueueSurvey, _ memory: inout Memory) async throws {
        let list = options.list
        let sample = QueueSample(
            kafka: list.queue.connection.kafka, topic: list.queue.topic, filter: list.filter.filter,
            registry: list.registry, patience: patience, stop: stop)
        (memory.tally, memory.isWhole) = try await sample.tally(survey.starts, ends: survey.ends)
    }
}
