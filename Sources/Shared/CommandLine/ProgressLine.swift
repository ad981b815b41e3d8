import Configuration
import Synchronization

/// When progress is shown.
package enum ProgressMode: String, Sendable, CaseIterable {
    /// On a terminal only.
    case auto
    /// In a pipe as well, as a plain line every five seconds.
    case always
    case never
}

extension Console {
    /// A progress line that begins now; it shows `label`, counts, share, a bar, rate, time to go and free text.
    package func progress(_ mode: ProgressMode, label: String, done: Int = 0, total: Int? = nil) -> ProgressLine {
        ProgressLine(console: self, mode: mode, label: label, done: done, total: total)
    }
}

/// Progress on standard error: one line in place on a terminal (at most ten times a second, cleared at the end), plain
/// lines at intervals elsewhere if asked for. Any thread may use it.
package final class ProgressLine: Sendable {
    /// How often a terminal's line is drawn at most.
    static let redraw = Duration.milliseconds(100)
    /// How often plain lines are written.
    static let interval = Duration.seconds(5)

    private enum Form { case none, inPlace, plain }
    private struct State {
        var meter: ProgressMeter
        var text = ""
        var lastDrawn: Duration?
        var isFinished = false
    }

    private let console: Console
    private let label: String
    private let form: Form
    private let state: Mutex<State>

    init(console: Console, mode: ProgressMode, label: String, done: Int, total: Int?) {
        self.console = console
        self.label = label
        form =
            switch mode {
            case .never: .none
            case .auto: console.canRedraw ? .inPlace : .none
            case .always: console.canRedraw ? .inPlace : .plain
            }
        let start = console.now()
        // The first plain line comes after one interval: short runs write none.
        let meter = ProgressMeter(at: start, done: done, total: total)
        state = Mutex(State(meter: meter, lastDrawn: form == .plain ? start : nil))
    }

    /// Whether anything is shown: nobody needs to count for one that is not.
    package var isShown: Bool { form != .none }

    /// Takes new counts and shows them if it is time. Cheap enough to be called for every batch; call it a few times a
    /// second even when nothing moves, so that the rate falls.
    package func update(done: Int, total: Int?, text: String = "") {
        guard form != .none else { return }
        let time = console.now()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.meter.update(at: time, done: done, total: total)
            state.text = text
            let pause = form == .plain ? Self.interval : Self.redraw
            if let last = state.lastDrawn, time - last < pause { return }
            state.lastDrawn = time
            show(state, at: time)
        }
    }

    /// Ends the progress: the terminal's line is taken away, a pipe gets a last plain line.
    package func finish() {
        let time = console.now()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            switch form {
            case .none: break
            case .inPlace: console.draw(progress: nil)
            case .plain: show(state, at: time)
            }
        }
    }

    private func show(_ state: State, at time: Duration) {
        let text = line(state, at: time)
        if form == .plain {
            console.note(text)
            return
        }
        let width = Terminal.width(console.errorDescriptor, console.environment) ?? 80
        // The last column stays free: some terminals break the line when it is used.
        console.draw(progress: DisplayWidth.cut(text, to: max(1, width - 1), ellipsis: "…"))
    }

    private func line(_ state: State, at time: Duration) -> String {
        let meter = state.meter
        var parts = [label]
        if let total = meter.total {
            parts.append("\(HumanText.count(meter.done)) of \(HumanText.count(total))")
            if form == .inPlace {
                parts.append(Bar.text(part: meter.done, of: total, width: 20, style: console.errorStyle))
            }
            parts.append(HumanText.percent(meter.done, of: total))
        } else {
            parts.append(HumanText.count(meter.done))
        }
        parts.append(meter.rate(at: time).map(HumanText.rate) ?? "-/s")
        if meter.total != nil {
            parts.append(meter.remaining(at: time).map { "\(HumanText.duration($0)) left" } ?? "? left")
        } else {
            parts.append(HumanText.duration(meter.elapsed(at: time)))
        }
        if !state.text.isEmpty { parts.append(PrintableText.escaped(state.text, limit: 200)) }
        return parts.joined(separator: "  ")
    }
}
