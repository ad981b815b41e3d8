/// Tells whether what is polled has stopped changing.
package struct Stillness<Value: Equatable> {
    private let duration: Double
    private var last: Value?
    private var since = monotonicSeconds()

    /// - Parameter duration: for how many seconds every look must show the same.
    package init(for duration: Double) { self.duration = duration }

    /// Whether `value` is what every look of the last `duration` seconds showed.
    package mutating func holds(_ value: Value) -> Bool {
        if value != last {
            last = value
            since = monotonicSeconds()
        }
        return monotonicSeconds() - since >= duration
    }
}
