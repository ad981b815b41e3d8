import Configuration
import Glibc
import Synchronization
import TestSupport

@testable import CommandLine

/// A pipe or pseudo terminal to put behind a console; both ends are closed with it.
final class Stream: Sendable {
    /// The console's end.
    let inner: CInt
    /// The test's end.
    let outer: CInt

    private init(inner: CInt, outer: CInt) {
        self.inner = inner
        self.outer = outer
    }

    deinit {
        close(inner)
        close(outer)
    }

    static func pipe() throws -> Stream {
        var ends: [CInt] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw TestSupportError("pipe", code: errno) }
        return Stream(inner: ends[1], outer: ends[0])
    }

    /// A terminal of `columns` that neither echoes nor turns line feeds into carriage returns.
    static func terminal(columns: Int = 80) throws -> Stream {
        var master: CInt = 0
        var terminal: CInt = 0
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&master, &terminal, nil, nil, &size) == 0 else { throw TestSupportError("openpty", code: errno) }
        var mode = termios()
        tcgetattr(terminal, &mode)
        mode.c_oflag &= ~tcflag_t(OPOST)
        mode.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(terminal, TCSANOW, &mode)
        return Stream(inner: terminal, outer: master)
    }

    /// Whatever has been written so far.
    func written() -> String {
        var text: [UInt8] = []
        var request = pollfd(fd: outer, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, 0) > 0, request.revents & Int16(POLLIN) != 0 {
            var chunk = [UInt8](repeating: 0, count: 4_096)
            let count = read(outer, &chunk, chunk.count)
            if count <= 0 { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Types `text`.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(outer, bytes, bytes.count)
    }
}

/// A clock that stands until it is set.
final class ManualClock: Sendable {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

extension Console {
    /// A console of these streams in a UTF-8 terminal environment.
    static func test(
        input: Stream? = nil, output: Stream, errors: Stream, clock: ManualClock = ManualClock(),
        environment: [String: String] = [:]
    ) -> Console {
        let base = ["TERM": "xterm", "LANG": "C.UTF-8"]
        return Console(
            input: input?.inner ?? -1, output: output.inner, errors: errors.inner,
            environment: Environment(base.merging(environment) { $1 }), now: { clock.now })
    }
}
