import Glibc
import Synchronization

/// Turns SIGINT, SIGTERM and, if asked, SIGHUP into a ``StopFlag``, and ignores SIGPIPE.
///
/// The first signal sets the flag. The second ends the process at once with `_exit(128 + number)`. The handler itself
/// does nothing but atomic operations, write(2) to a pipe, and `_exit`; a thread of its own does the rest.
package enum SignalSource {
    /// Installs the handlers for the whole process and its life, so that they set `flag`.
    ///
    /// `onFirst` runs once, on the watching thread, when the first signal has set the flag: the place to arm a
    /// ``ShutdownDeadline``. A signal that the parent told this process to ignore (`nohup`, a shell's background job)
    /// stays ignored, except SIGTERM. Call it once, from Main; a second call replaces the flag and the callback.
    package static func install(
        _ signals: [StopSignal] = [.interrupt, .terminate], flag: StopFlag,
        onFirst: @escaping @Sendable (StopSignal) -> Void = { _ in }
    ) throws(LifecycleError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LifecycleError("cannot make the signal pipe", code: errno) }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)

        // The handler may run until the process ends, so its flag is never released.
        handlerFlag.store(UInt(bitPattern: Unmanaged.passRetained(flag).toOpaque()), ordering: .releasing)
        handlerPipe.store(writeEnd, ordering: .releasing)
        handlerCount.store(0, ordering: .releasing)
        NamedThread.start("signals") {
            unblock(signals)
            watch(readEnd, flag: flag, onFirst: onFirst)
        }

        signal(SIGPIPE, SIG_IGN)
        for stop in signals { try handle(stop) }
    }

    private static func handle(_ stop: StopSignal) throws(LifecycleError) {
        var old = sigaction()
        sigaction(stop.rawValue, nil, &old)
        let isIgnored = unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == 1
        if isIgnored && stop != .terminate { return }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handleStopSignal
        action.sa_flags = SA_RESTART
        sigemptyset(&action.sa_mask)
        guard sigaction(stop.rawValue, &action, nil) == 0 else {
            throw LifecycleError("cannot handle signal \(stop.rawValue)", code: errno)
        }
    }

    /// Worker threads of the runtime block signals, and a parent may have; so one thread always takes them.
    private static func unblock(_ signals: [StopSignal]) {
        var mask = sigset_t()
        sigemptyset(&mask)
        for stop in signals { sigaddset(&mask, stop.rawValue) }
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    private static func watch(_ readEnd: Int32, flag: StopFlag, onFirst: (StopSignal) -> Void) {
        var byte: UInt8 = 0
        while read(readEnd, &byte, 1) != 1 {
            if errno != EINTR { return }
        }
        close(readEnd)
        flag.wakeWaiters()
        if let signal = StopSignal(rawValue: Int32(byte)) { onFirst(signal) }
    }
}

// What the handler reads; install stores to each first, so that no lazy initialiser ever runs inside the handler.
private let handlerFlag = Atomic<UInt>(0)
private let handlerPipe = Atomic<Int32>(-1)
private let handlerCount = Atomic<Int32>(0)

private func handleStopSignal(_ number: Int32) {
    if handlerCount.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue > 1 {
        ScreenSignals.bringBack()
        _exit(128 + number)
    }
    let saved = errno
    if let pointer = UnsafeRawPointer(bitPattern: handlerFlag.load(ordering: .acquiring)) {
        Unmanaged<StopFlag>.fromOpaque(pointer)._withUnsafeGuaranteedRef { _ = $0.setFromHandler(number) }
    }
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(handlerPipe.load(ordering: .acquiring), &byte, 1)
    errno = saved
}
