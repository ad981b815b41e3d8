import EventLoop
import Kafka
import Lifecycle
import Observability

/// Reads all of `cache.invalidate` from now on, on every instance: assigned, without a group. Only while it hears of every
/// change do names stay in the process.
final class InvalidationFeed {
    static let topic = "cache.invalidate"
    private static let lookTimeout = Duration.seconds(10)

    /// A reader that stands at the ends of all partitions, made on a thread that may block.
    private struct Positioned: Sendable {
        let reader: KafkaConsumer
        let ends: [PartitionOffset]
    }

    private let loop: EventLoop
    private let configuration: KafkaConfiguration
    private let background: BackgroundWork
    private let log: Logger
    private let names: BadgeNames
    private let batch = RecordBatch(capacity: 256)
    private var reader: KafkaConsumer?
    private var watch: DescriptorWatch?
    private var timer: LoopTimer?
    private var again: TurnHook?
    private var pause = Backoff(firstMilliseconds: 200, longestMilliseconds: 5_000)
    private var isStopped = false

    init(_ context: ServerContext, names: BadgeNames) throws {
        loop = context.loop
        configuration = context.options.kafka
        background = context.background
        log = context.log
        self.names = names
        timer = try LoopTimer(loop) { [unowned self] in open() }
        again = TurnHook(loop) { [unowned self] in read() }
        timer?.start(afterNanoseconds: 0)
    }

    /// Reads no more.
    func stop() {
        isStopped = true
        timer?.cancel()
        again?.cancel()
        close()
    }

    private func open() {
        guard !isStopped else { return }
        let configuration = configuration
        background.runBlocking(
            "invalidations",
            { () -> Result<Positioned, KafkaError> in
                do throws(KafkaError) {
                    return .success(try Self.position(configuration))
                } catch {
                    return .failure(error)
                }
            }
        ) { [weak self] found in self?.opened(found) }
    }

    private static func position(_ configuration: KafkaConfiguration) throws(KafkaError) -> Positioned {
        var options = ConsumerOptions()
        options.prefetchKilobytes = 1_024
        options.fetchKilobytes = 1_024
        // Every award of every instance is told here, and hardly any concerns a translation.
        options.fetchWaitMilliseconds = 200
        options.fetchLeastBytes = 64 << 10
        let reader = try KafkaConsumer(configuration, group: nil, isolation: .readCommitted, options: options)
        do throws(KafkaError) {
            var ends: [PartitionOffset] = []
            for partition in try reader.partitions(of: topic, timeout: lookTimeout) {
                let marks = try reader.stableBounds(of: partition, timeout: lookTimeout)
                ends.append(PartitionOffset(partition, offset: marks.lastStableOffset))
            }
            return Positioned(reader: reader, ends: ends)
        } catch {
            reader.close(timeout: .zero)
            throw error
        }
    }

    private func opened(_ found: Result<Positioned, KafkaError>) {
        switch found {
        case .failure(let error): fail("\(error)")
        case .success(let positioned):
            guard !isStopped else {
                positioned.reader.close(timeout: .zero)
                return
            }
            do {
                try positioned.reader.assign(positioned.ends)
                reader = positioned.reader
                watch = try DescriptorWatch(loop, descriptor: positioned.reader.descriptor) { [unowned self] _ in
                    reader?.clearSignal()
                    read()
                }
                watch?.wantsRead = true
                pause.succeeded()
                names.beginCaching()
                // What came before the watch has signalled already.
                again?.request()
            } catch {
                fail("\(error)")
            }
        }
    }

    private func read() {
        guard let reader else { return }
        do throws(KafkaError) {
            for case .error(let error) in try reader.pollEvents(timeout: .zero) where error.isFatal {
                return fail("\(error)")
            }
            let count = try reader.pollRecords(into: batch, timeout: .zero)
            defer { batch.reset() }
            for index in 0..<count {
                switch batch.entry(index) {
                case .record:
                    if let key = batch.key(index) { names.invalidate(key: key) }
                case .endOfPartition: break
                case .error:
                    guard let error = batch.error(index), !error.isRetriable else { continue }
                    return fail("\(error)")
                }
            }
            // The queue signals only when it stops being empty; other work comes in between.
            if count > 0 { again?.request() }
        } catch {
            fail("\(error)")
        }
    }

    /// Begins anew, at the ends: what was missed is forgotten with everything else.
    private func fail(_ reason: String) {
        log.warning("changes of translations are not heard of now: \(reason)", [.topic(Self.topic)])
        names.endCaching()
        close()
        timer?.start(afterNanoseconds: pause.failed())
    }

    private func close() {
        watch?.stop()
        watch = nil
        batch.reset()
        guard let reader else { return }
        self.reader = nil
        background.runBlocking("invalidations", { reader.close(timeout: .seconds(5)) }) { _ in }
    }
}
