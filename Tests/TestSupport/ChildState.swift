import Glibc
import Lifecycle
import Synchronization

/// What is known of a child, and the threads that find it out. They hold this, not the ``ChildProcess``, so that
/// letting go of the process ends it.
final class ChildState: Sendable {
    struct Snapshot {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var openStreams = 0
        var status: ExitStatus?
        var endedAt = 0.0
        var input: Int32?
    }

    private let pid: pid_t
    private let state = Mutex(Snapshot())

    init(pid: pid_t) { self.pid = pid }

    var snapshot: Snapshot { state.withLock { $0 } }

    /// Ended and read to the end; a grandchild that keeps a stream open is waited for no more than two seconds.
    var hasEnded: Bool {
        state.withLock { $0.status != nil && ($0.openStreams == 0 || monotonicSeconds() > $0.endedAt + 2) }
    }

    func signal(_ number: Int32, to target: pid_t) {
        state.withLock { if $0.status == nil { kill(target, number) } }
    }

    func write(_ bytes: [UInt8]) throws {
        guard let input = state.withLock({ $0.input }) else { throw TestSupportError("the input is not open") }
        try writeAll(bytes, to: input)
    }

    func closeInput() {
        state.withLock { state in
            if let input = state.input { close(input) }
            state.input = nil
        }
    }

    /// Starts the threads that feed, read and wait; takes over the descriptors.
    func begin(input: ChildProcess.Input, stdin: Int32?, stdout: Int32?, stderr: Int32?) {
        Glibc.signal(SIGPIPE, SIG_IGN)
        state.withLock { $0.openStreams = [stdout, stderr].compactMap { $0 }.count }
        switch (input, stdin) {
        case (.open, let stdin): state.withLock { $0.input = stdin }
        case (.text(let text), let stdin?): feed(Array(text.utf8), to: stdin)
        case (.bytes(let bytes), let stdin?): feed(bytes, to: stdin)
        default: break
        }
        if let stdout { collect(stdout) { Self.append($1, to: &$0.output) } }
        if let stderr { collect(stderr) { Self.append($1, to: &$0.errors) } }
        NamedThread.start("wait") { [self] in awaitEnd() }
    }

    private func feed(_ bytes: [UInt8], to descriptor: Int32) {
        NamedThread.start("feed") {
            // A child that stops reading is no error of the test's making: its own exit status says what happened.
            try? writeAll(bytes, to: descriptor)
            close(descriptor)
        }
    }

    private func collect(_ descriptor: Int32, _ store: @escaping @Sendable (inout Snapshot, ArraySlice<UInt8>) -> Void)
    {
        NamedThread.start("collect") { [self] in
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                state.withLock { store(&$0, chunk[..<count]) }
            }
            close(descriptor)
            state.withLock { $0.openStreams -= 1 }
        }
    }

    private static func append(_ bytes: ArraySlice<UInt8>, to stream: inout [UInt8]) {
        stream.append(contentsOf: bytes.prefix(ChildProcess.captureLimit - stream.count))
    }

    private func awaitEnd() {
        var info = siginfo_t()
        // Not reaped before the lock is held, so that nobody signals a stranger with the same number.
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let number = status & 0x7f
            state.status = number == 0 ? .exited((status >> 8) & 0xff) : .signalled(number)
            state.endedAt = monotonicSeconds()
        }
        Reaper.forget(group: pid)
    }
}

/// Writes all of `bytes`; blocks while the other side does not read.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw TestSupportError("cannot write to the child", code: errno) }
        rest = rest.dropFirst(count)
    }
}
