import Glibc
import Lifecycle
import Synchronization
import TestSupport
import Testing

private final class SignalSum: Sendable {
    private let sum = Atomic<Int32>(0)
    var value: Int32 { sum.load(ordering: .relaxed) }
    func add(_ signal: StopSignal) { sum.add(signal.rawValue, ordering: .relaxed) }
}

/// Signals are the whole process's, so every case runs in a child process of its own.
@Suite("Signals and the shutdown deadline", .timeLimit(.minutes(1)))
struct SignalTests {
    @Test("The first signal sets the flag, wakes waiters and calls back once")
    func first() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let flag = StopFlag()
            let calls = SignalSum()
            try SignalSource.install(flag: flag) { calls.add($0) }
            precondition(!flag.isSet && flag.signal == nil)
            async let woken: Void = flag.wait()
            kill(getpid(), SIGTERM)
            await woken
            precondition(flag.isSet && flag.signal == .terminate)
            let calledOnce = await eventually { calls.value == SIGTERM }
            precondition(calledOnce)
            _exit(42)
        }
    }

    @Test("The second signal ends the process at once with its own code")
    func second() async {
        await #expect(processExitsWith: .exitCode(130)) {
            let flag = StopFlag()
            try SignalSource.install(flag: flag)
            kill(getpid(), SIGTERM)
            await flag.wait()
            kill(getpid(), SIGINT)
            while true { pause() }
        }
    }

    @Test("A write to a closed pipe is an error, not a death")
    func brokenPipe() async {
        await #expect(processExitsWith: .exitCode(42)) {
            try SignalSource.install(flag: StopFlag())
            var ends: [Int32] = [0, 0]
            precondition(pipe(&ends) == 0)
            close(ends[0])
            precondition(write(ends[1], "x", 1) == -1 && errno == EPIPE)
            _exit(42)
        }
    }

    @Test("SIGHUP is handled only if asked for")
    func hangup() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let flag = StopFlag()
            try SignalSource.install([.hangup], flag: flag)
            kill(getpid(), SIGHUP)
            await flag.wait()
            precondition(flag.signal == .hangup)
            _exit(42)
        }
        await #expect(processExitsWith: .signal(SIGHUP)) {
            try SignalSource.install(flag: StopFlag())
            kill(getpid(), SIGHUP)
            while true { pause() }
        }
    }

    @Test("A SIGINT that the parent ignores stays ignored, a SIGTERM does not")
    func inheritedIgnore() async {
        await #expect(processExitsWith: .exitCode(42)) {
            signal(SIGINT, SIG_IGN)
            signal(SIGTERM, SIG_IGN)
            let flag = StopFlag()
            try SignalSource.install(flag: flag)
            kill(getpid(), SIGINT)
            kill(getpid(), SIGTERM)
            await flag.wait()
            precondition(flag.signal == .terminate)
            _exit(42)
        }
    }

    @Test("A stop that takes too long ends with the deadline's code, after the last words")
    func deadline() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            _ = ShutdownDeadline.arm(seconds: 0.05, exitCode: 1) { _ = write(2, "last words\n", 11) }
            while true { pause() }
        }
        let standardError = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(standardError.contains("last words"))
    }

    @Test("Last words that hang do not hold the process")
    func hangingLastWords() async {
        await #expect(processExitsWith: .exitCode(1)) {
            _ = ShutdownDeadline.arm(seconds: 0, exitCode: 1) { while true { pause() } }
            while true { pause() }
        }
    }

    @Test("A cancelled deadline never fires")
    func cancelled() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let fired = StopFlag()
            let deadline = ShutdownDeadline.arm(seconds: 0.2, exitCode: 1) { fired.set(.terminate) }
            deadline.cancel()
            let later = ShutdownDeadline.arm(seconds: 0.3, exitCode: 42)
            while !fired.isSet { pause() }
            later.cancel()
            _exit(1)
        }
    }
}
