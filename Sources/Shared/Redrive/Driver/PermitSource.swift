package import Pacing

/// Who gives out permits to send where the copies of a run share its rate by demand. Any thread; no call blocks.
package protocol PermitSource: Sendable {
    /// Takes one permit, if one is there; where none is, as many are asked for as are wanted.
    ///
    /// - Parameter wanted: records that are ready to go, at least 1.
    func take(wanted: Int) -> Bool

    /// Has `body` called whenever permits arrive that were asked for. Once, before the first `take`.
    func onArrival(_ body: @escaping @Sendable () -> Void)

    /// Another rate of all copies together; a ramp begins now. Without a limit nobody asks.
    func setRate(_ rate: RateProfile)

    /// The copy's part of the work.
    func setShare(owned: Int, of total: Int)

    /// Whether records are to be sent; permits that wait are given up where not.
    func setPaused(_ isPaused: Bool)
}
