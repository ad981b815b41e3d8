package import Glibc
import Lifecycle

/// A process that runs beside the test, in a process group of its own, which ends with the test process at the latest.
package final class ChildProcess: Sendable {
    /// Bytes of each stream that are kept; what comes after is read and thrown away, so the child never blocks.
    package static let captureLimit = 64 << 20

    /// Where a stream of the child goes.
    package enum Sink: Sendable {
        /// Kept in memory.
        case capture
        /// To a file that is made or emptied.
        case file(String)
        /// To this descriptor, for example the slave side of a terminal; it stays open here.
        case descriptor(Int32)
    }

    /// What the child reads.
    package enum Input: Sendable {
        /// /dev/null
        case none
        /// This text, then the end.
        case text(String)
        /// These bytes, then the end.
        case bytes([UInt8])
        /// A pipe that ``ChildProcess/write(_:)`` feeds and ``ChildProcess/closeInput()`` ends.
        case open
        /// This descriptor; it stays open here.
        case descriptor(Int32)
    }

    /// The process and its group.
    package let pid: pid_t
    private let state: ChildState

    /// Starts `arguments[0]` (through PATH if it has no slash).
    ///
    /// `environment` adds to the test's own; a nil value removes a name. `directory` is the working directory.
    package init(
        _ arguments: [String], environment: [String: String?] = [:], directory: String = ".",
        input: Input = .none, output: Sink = .capture, errors: Sink = .capture
    ) throws {
        var merged = Spawn.inheritedEnvironment()
        for (name, value) in environment { merged[name] = value }
        let stdin = try Self.openInput(input)
        let stdout = try Self.openSink(output)
        let stderr = try Self.openSink(errors)
        defer {
            for end in [stdin.child, stdout.child, stderr.child].compactMap({ $0 }) where end.mustClose {
                close(end.descriptor)
            }
        }
        pid = try Spawn.start(
            arguments, environment: merged, directory: directory, input: stdin.child?.descriptor,
            output: stdout.child?.descriptor, errors: stderr.child?.descriptor)
        state = ChildState(pid: pid)
        try Reaper.watch(group: pid)
        state.begin(input: input, stdin: stdin.parent, stdout: stdout.parent, stderr: stderr.parent)
    }

    deinit {
        signalGroup(SIGKILL)
        closeInput()
    }

    // MARK: While it runs

    /// Standard output up to now, as text.
    package var output: String { String(decoding: state.snapshot.output, as: UTF8.self) }
    /// Standard error up to now, as text.
    package var errors: String { String(decoding: state.snapshot.errors, as: UTF8.self) }
    /// Whether it has not ended yet.
    package var isRunning: Bool { state.snapshot.status == nil }

    /// Sends a signal to the process alone, if it still runs.
    package func signal(_ number: Int32) {
        state.signal(number, to: pid)
    }

    /// Sends a signal to the process and all its children, if it still runs.
    package func signalGroup(_ number: Int32) {
        state.signal(number, to: -pid)
    }

    /// Writes all of `text` to the open input; may block when the child does not read.
    package func write(_ text: String) throws { try state.write(Array(text.utf8)) }

    /// Ends the open input.
    package func closeInput() { state.closeInput() }

    /// Waits until standard output (or standard error) satisfies `condition`, and returns it.
    ///
    /// Throws, with both streams, when the process ends without that or the deadline passes.
    @discardableResult
    package func waitForOutput(
        deadline: Double = 30, onErrors: Bool = false, _ condition: (String) -> Bool
    ) async throws -> String {
        var text = ""
        let found = await eventually(deadline: deadline) {
            let ended = state.hasEnded
            text = onErrors ? errors : output
            return condition(text) || ended
        }
        guard found && condition(text) else {
            throw TestSupportError("\(isRunning ? "no such output in time" : "ended without it"): \(output)\n\(errors)")
        }
        return text
    }

    /// Waits for the end. When the deadline (in seconds) passes the group is killed and the result says so.
    package func wait(deadline: Double = 60) async throws -> ProcessResult {
        let inTime = await eventually(deadline: deadline) { state.hasEnded }
        if !inTime {
            signalGroup(SIGKILL)
            guard await eventually(deadline: 10, { state.hasEnded }) else {
                throw TestSupportError("\(pid) cannot be killed")
            }
        }
        let snapshot = state.snapshot
        guard let status = snapshot.status else { throw TestSupportError("\(pid) has not ended") }
        return ProcessResult(
            status: status, outputBytes: snapshot.output, errorBytes: snapshot.errors, timedOut: !inTime)
    }
}

extension ChildProcess {
    private typealias End = (descriptor: Int32, mustClose: Bool)
    private typealias Ends = (child: End?, parent: Int32?)

    private static func openInput(_ input: Input) throws -> Ends {
        switch input {
        case .none: return (nil, nil)
        case .descriptor(let descriptor): return ((descriptor, false), nil)
        case .text, .bytes, .open:
            let (readEnd, writeEnd) = try Spawn.makePipe()
            return ((readEnd, true), writeEnd)
        }
    }

    private static func openSink(_ sink: Sink) throws -> Ends {
        switch sink {
        case .descriptor(let descriptor): return ((descriptor, false), nil)
        case .file(let path):
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw TestSupportError("cannot write \(path)", code: errno) }
            return ((file, true), nil)
        case .capture:
            let (readEnd, writeEnd) = try Spawn.makePipe()
            return ((writeEnd, true), readEnd)
        }
    }
}
