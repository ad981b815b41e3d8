import Glibc
import Synchronization

/// Brings back the terminal of a program that shows a screen of its own, whatever signal ends or suspends it: SIGTSTP
/// (Ctrl-Z), SIGQUIT, SIGHUP, and the second of those that ``SignalSource`` handles. Nothing helps against SIGKILL.
///
/// The handlers do nothing but atomic operations, write(2), kill(2) and signal(2).
package enum ScreenSignals {
    /// Installs the handlers, for the life of the process.
    ///
    /// - Parameters:
    ///   - opening: what turns descriptor 1 to the screen; written again when a suspended process goes on.
    ///   - closing: what brings back the terminal as it was.
    package static func install(opening: StaticString, closing: StaticString) {
        openingText.store(UInt(bitPattern: opening.utf8Start), ordering: .releasing)
        openingCount.store(opening.utf8CodeUnitCount, ordering: .releasing)
        closingText.store(UInt(bitPattern: closing.utf8Start), ordering: .releasing)
        closingCount.store(closing.utf8CodeUnitCount, ordering: .releasing)
        signal(SIGTSTP, suspend)
        for number in [SIGQUIT, SIGHUP] { signal(number, end) }
    }

    /// Brings back the terminal before the process ends in an unusual way; nothing where there is no screen.
    package static func bringBack() { write(closingText, closingCount) }

    /// The screen is closed: nothing needs to be brought back any more.
    package static func remove() {
        closingCount.store(0, ordering: .releasing)
        openingCount.store(0, ordering: .releasing)
        for number in [SIGTSTP, SIGQUIT, SIGHUP] { signal(number, SIG_DFL) }
    }

    fileprivate static func reopen() { write(openingText, openingCount) }

    private static func write(_ text: borrowing Atomic<UInt>, _ count: borrowing Atomic<Int>) {
        guard let bytes = UnsafeRawPointer(bitPattern: text.load(ordering: .acquiring)) else { return }
        _ = Glibc.write(1, bytes, count.load(ordering: .acquiring))
    }
}

// What the handlers read; install stores to each first, so that no lazy initialiser ever runs inside a handler.
private let openingText = Atomic<UInt>(0)
private let openingCount = Atomic<Int>(0)
private let closingText = Atomic<UInt>(0)
private let closingCount = Atomic<Int>(0)

private func suspend(_: Int32) {
    ScreenSignals.bringBack()
    kill(getpid(), SIGSTOP)
    ScreenSignals.reopen()
}

private func end(_ number: Int32) {
    ScreenSignals.bringBack()
    signal(number, SIG_DFL)
    kill(getpid(), number)
}
