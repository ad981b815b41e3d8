import CommandLine
import Pacing
package import Redrive
package import Runs

extension RunControls {
    /// How a pause by an operator is called among the reasons to wait.
    package static let operatorPause = "an operator"

    /// Does what an operator wants of the run.
    package func heed(_ control: RunControl) {
        if let text = control.rate, let rate = try? RateProfile(parsing: text) { setRate(rate) }
        if control.isPaused { pause(Self.operatorPause) } else { resume(Self.operatorPause) }
        if control.stops { stop() }
    }
}
