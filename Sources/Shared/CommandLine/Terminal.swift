package import Configuration
import Glibc

/// What the terminal behind a descriptor can do.
package enum Terminal {
    /// How many lines a terminal shows; nil for what is none, or does not tell.
    package static func rows(_ descriptor: CInt) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
        return Int(size.ws_row)
    }

    /// True if the descriptor is a terminal that understands cursor movements.
    static func isInteractive(_ descriptor: CInt, _ environment: Environment) -> Bool {
        isatty(descriptor) == 1 && environment["TERM"] != nil && environment["TERM"] != "dumb"
    }

    /// The style for `descriptor`: colours on a terminal unless NO_COLOR is set or TERM says dumb, the width from
    /// COLUMNS or the terminal, characters beyond ASCII where the locale is UTF-8.
    package static func style(_ descriptor: CInt, _ environment: Environment) -> TextStyle {
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? "C"
        let charset = locale.lowercased()
        return TextStyle(
            width: width(descriptor, environment),
            hasColour: isInteractive(descriptor, environment) && environment["NO_COLOR"] == nil,
            isUnicode: charset.hasSuffix("utf-8") || charset.hasSuffix("utf8"))
    }

    /// The columns of the terminal, at least 1; nil if `descriptor` is none. COLUMNS wins, as in other programs.
    static func width(_ descriptor: CInt, _ environment: Environment) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), (1...10_000).contains(columns) { return columns }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Makes the standard descriptors safe: a broken pipe is an error of the write, not the end of the process, and a
    /// descriptor that the caller closed is taken, so that no file opened later gets its number and the results.
    static func prepareStandardDescriptors() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // Read-only: writes to it go on failing with EBADF instead of vanishing. open takes the lowest number.
            _ = open("/dev/null", O_RDONLY)
        }
    }
}
