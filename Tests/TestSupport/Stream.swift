import Glibc

/// A pipe or pseudo terminal to put behind a console; both ends are closed with it.
package final class Stream: Sendable {
    /// The console's end.
    package let inner: CInt
    /// The test's end.
    package let outer: CInt

    private init(inner: CInt, outer: CInt) {
        self.inner = inner
        self.outer = outer
    }

    deinit {
        close(inner)
        close(outer)
    }

    package static func pipe() throws -> Stream {
        var ends: [CInt] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw TestSupportError("pipe", code: errno) }
        return Stream(inner: ends[1], outer: ends[0])
    }

    /// A terminal of `columns` that neither echoes nor turns line feeds into carriage returns.
    package static func terminal(columns: Int = 80) throws -> Stream {
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
    package func written() -> String {
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
    package func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(outer, bytes, bytes.count)
    }

    /// How the terminal treats what is typed and written: its four words of flags.
    package var modes: [UInt32] {
        var mode = termios()
        tcgetattr(inner, &mode)
        return [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag]
    }

    /// Makes the terminal another size, as dragging a window's corner does.
    package func resize(columns: Int, rows: Int) throws {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(outer, UInt(TIOCSWINSZ), &size) == 0 else { throw TestSupportError("ioctl", code: errno) }
    }
}
