import EventLoop
import Glibc
import Lifecycle
import LoopTestSupport
import Synchronization
import TestSupport
import Testing

@Suite struct LoopTests {
    @Test func aTimerRunsOnceAndNotWhenCancelled() async throws {
        let loop = try await LoopThread { loop in loop }
        let log: [String] = try await loop.wait { loop, done in
            var log: [String] = []
            let stage = Keep()
            do {
                let cancelled = try LoopTimer(loop) { log.append("cancelled") }
                cancelled.start(afterNanoseconds: 0)
                cancelled.cancel()
                let last = try LoopTimer(loop) {
                    log.append("last")
                    stage.objects = []
                    done(log)
                }
                let first = try LoopTimer(loop) { log.append("first") }
                first.start(afterNanoseconds: 1)
                last.start(afterNanoseconds: 50_000_000)
                stage.objects = [cancelled, first, last]
            } catch { done(["\(error)"]) }
        }
        #expect(log == ["first", "last"])
    }

    @Test func aHookRunsOnceAfterAllThatIsReady() async throws {
        let loop = try await LoopThread { loop in loop }
        let log: [String] = try await loop.wait { loop, done in
            var log: [String] = []
            let keep = Keep()
            do {
                let hook = TurnHook(loop) {
                    log.append("hook")
                    keep.objects = []
                    done(log)
                }
                var watches: [DescriptorWatch] = []
                for name in ["one", "two", "three"] {
                    let pipe = try Pipe()
                    let watch = try DescriptorWatch(loop, descriptor: pipe.readEnd) { _ in
                        log.append(name)
                        pipe.drain()
                        hook.request()
                        hook.request()
                    }
                    watch.wantsRead = true
                    pipe.fill()
                    watches.append(watch)
                }
                keep.objects = [hook] + watches
            } catch { done(["\(error)"]) }
        }
        #expect(log.count == 4)
        #expect(log.last == "hook")
    }

    @Test func aHookThatIsCancelledDoesNotRun() async throws {
        let loop = try await LoopThread { loop in loop }
        let log: [String] = try await loop.wait { loop, done in
            var log: [String] = []
            let first = TurnHook(loop) { log.append("cancelled") }
            first.request()
            first.cancel()
            let keep = Keep()
            let second = TurnHook(loop) {
                keep.objects = []
                done(log + ["second"])
            }
            keep.objects = [second]
            second.request()
        }
        #expect(log == ["second"])
    }

    @Test func aSignalArrives() async throws {
        let loop = try await LoopThread { loop in loop }
        let came: Bool = try await loop.wait { loop, done in
            let keep = Keep()
            do {
                keep.objects = [
                    try SignalWatch(loop, signal: SIGURG) {
                        keep.objects = []
                        done(true)
                    }
                ]
                raise(SIGURG)
            } catch { done(false) }
        }
        #expect(came)
    }

    @Test func messagesOfOtherThreadsComeInTheirOrder() async throws {
        let loop = try await LoopThread { loop in try Inbox(loop) }
        let sender = try await loop.run { $0.inbox?.sender }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for number in 0..<1_000 {
                        while sender?.send(thread * 1_000_000 + number) == false { await Task.yield() }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await eventually { try await loop.run { $0.received.count } == 4_000 })
        let received = try await loop.run { $0.received }
        for thread in 0..<4 {
            #expect(received.filter { $0 / 1_000_000 == thread } == (0..<1_000).map { thread * 1_000_000 + $0 })
        }
        try await loop.run { $0.inbox = nil }
        #expect(sender?.send(1) == false)
    }

    @Test func anInboxTakesNoMoreThanItsLimit() async throws {
        let loop = try await LoopThread { loop in loop }
        let accepted: Int = try await loop.run { loop in
            let inbox = try LoopInbox<Int>(loop, limit: 3) { _ in }
            return (0..<10).filter { inbox.sender.send($0) }.count
        }
        #expect(accepted == 3)
    }
}

/// What a test's callbacks keep alive, until they say that it is over.
final class Keep {
    var objects: [AnyObject] = []
}

private final class Inbox {
    var inbox: LoopInbox<Int>?
    var received: [Int] = []
    init(_ loop: EventLoop) throws {
        inbox = try LoopInbox(loop, limit: 100) { [unowned self] in received.append($0) }
    }
}

private final class Pipe {
    let readEnd: Int32
    private let writeEnd: Int32
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSupportError("no pipe", code: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }
    deinit {
        close(readEnd)
        close(writeEnd)
    }
    func fill() { _ = write(writeEnd, "x", 1) }
    func drain() {
        var byte: UInt8 = 0
        _ = read(readEnd, &byte, 1)
    }
}
