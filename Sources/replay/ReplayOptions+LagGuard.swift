import Redrive
import ToolKit

extension ReplayOptions {
    /// What lets a run wait for the destination's consumers, having looked once; nil where no limit of lag was given. The
    /// caller stops it.
    func lagGuard(_ controls: RunControls, _ say: Reporter) throws -> LagGuard? {
        guard !lag.limits.isEmpty else { return nil }
        let guarding = try LagGuard(
            connection.kafka, limits: lag.limits, longest: lag.longest, controls: controls, say: { say.info($0) })
        do {
            try guarding.start()
        } catch {
            guarding.stop()
            throw error
        }
        return guarding
    }
}
