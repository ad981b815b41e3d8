/// Turns counts over time into a rate and a time to go. Pure; the caller gives the time.
package struct ProgressMeter: Sendable {
    /// The length of the past that the rate is taken from.
    package static let window = Duration.seconds(5)
    private static let spacing = Duration.milliseconds(250)

    private var samples: [(time: Duration, done: Int)]
    /// What is done so far.
    package private(set) var done: Int
    /// What there is to do, nil if unknown.
    package private(set) var total: Int?
    private let start: Duration

    /// A meter that starts at `time` with `done` already there.
    package init(at time: Duration, done: Int = 0, total: Int?) {
        samples = [(time, done)]
        self.done = done
        self.total = total
        start = time
    }

    /// Takes the counts at `time`. At most one sample a quarter of a second is kept, and none older than the window
    /// but one.
    package mutating func update(at time: Duration, done: Int, total: Int?) {
        self.done = done
        self.total = total
        guard let last = samples.last, time - last.time >= Self.spacing else { return }
        samples.append((time, done))
        while samples.count > 2, time - samples[1].time >= Self.window { samples.removeFirst() }
    }

    /// What was done a second over the last seconds; nil in the first quarter of a second.
    package func rate(at time: Duration) -> Double? {
        guard let first = samples.first, time - first.time >= Self.spacing else { return nil }
        return Double(done - first.done) / Self.seconds(time - first.time)
    }

    /// The time until the total is reached at the present rate; nil where it cannot be told.
    package func remaining(at time: Duration) -> Duration? {
        guard let total, let rate = rate(at: time), rate > 0 else { return nil }
        let seconds = Double(max(0, total - done)) / rate
        return seconds < 1e9 ? .milliseconds(Int64(seconds * 1_000)) : nil
    }

    /// The time since the start.
    package func elapsed(at time: Duration) -> Duration { time - start }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
