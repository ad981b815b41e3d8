import Synchronization

/// The numbers of one series. A counter uses `count`, a gauge `value`, a histogram its buckets.
final class MetricSeries: Sendable {
    private struct Histogram {
        var buckets: [Int]
        var sum = 0.0
    }

    private let counter = Atomic<Int>(0)
    private let gauge = Atomic<UInt64>(0)
    private let bounds: [Double]
    private let histogram: Mutex<Histogram>

    init(bounds: [Double]) {
        self.bounds = bounds
        histogram = Mutex(Histogram(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    var count: Int { counter.load(ordering: .relaxed) }
    var value: Double { Double(bitPattern: gauge.load(ordering: .relaxed)) }
    var buckets: (buckets: [Int], sum: Double) { histogram.withLock { ($0.buckets, $0.sum) } }

    func add(_ count: Int) { counter.wrappingAdd(count, ordering: .relaxed) }

    func set(_ value: Double) { gauge.store(value.bitPattern, ordering: .relaxed) }

    func add(_ difference: Double) {
        var old = gauge.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + difference).bitPattern
            let (exchanged, original) = gauge.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }

    func observe(_ value: Double) {
        // NaN compares as larger than every bound, as in Prometheus' own clients.
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        histogram.withLock { histogram in
            histogram.buckets[index] += 1
            histogram.sum += value
        }
    }
}
