import Glibc
import Lifecycle
import Synchronization
import TestSupport
import Testing

private actor Ledger {
    let executor: BlockingExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private(set) var entries: [Int] = []
    private var inside = false

    init(executor: BlockingExecutor) { self.executor = executor }

    func add(_ entry: Int) {
        precondition(!inside)
        inside = true
        entries.append(entry)
        inside = false
    }

    func thread() -> (isExecutors: Bool, id: UInt) { (executor.isCurrent, UInt(pthread_self())) }
}

private final class Counter: Sendable {
    private let sum = Atomic<Int>(0)
    var value: Int { sum.load(ordering: .relaxed) }
    func add(_ count: Int) { sum.add(count, ordering: .relaxed) }
}

private struct Refusal: Error, Equatable { let number: Int }

@Suite("Blocking executor", .timeLimit(.minutes(1)))
struct BlockingExecutorTests {
    @Test("An actor's jobs run on the executor's one thread")
    func actorThread() async {
        let ledger = Ledger(executor: BlockingExecutor(name: "ledger"))
        let first = await ledger.thread()
        let second = await ledger.thread()
        #expect(first.isExecutors)
        #expect(first.id == second.id)
        #expect(first.id != UInt(pthread_self()))
        #expect(!ledger.executor.isCurrent)
    }

    @Test("A task with the executor as its preference stays on its thread across awaits")
    func taskPreference() async {
        let executor = BlockingExecutor(name: "task")
        let ids = await Task(executorPreference: executor) {
            var ids: [Bool] = []
            for _ in 0..<5 {
                ids.append(executor.isCurrent)
                await Task.yield()
            }
            return ids
        }.value
        #expect(ids == [true, true, true, true, true])
    }

    @Test("run returns values and throws the body's own error type")
    func run() async throws {
        let executor = BlockingExecutor(name: "run")
        #expect(await executor.run { executor.isCurrent })
        await #expect(throws: Refusal(number: 7)) {
            try await executor.run { () throws(Refusal) -> Int in throw Refusal(number: 7) }
        }
    }

    @Test("Work from many tasks runs one at a time and none is lost")
    func serial() async {
        let executor = BlockingExecutor(name: "many")
        let ledger = Ledger(executor: executor)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for entry in 0..<500 { await ledger.add(task * 500 + entry) }
                }
            }
        }
        #expect(await ledger.entries.sorted() == Array(0..<4000))
    }

    @Test("Work in hand at the shutdown finishes, and later work still runs")
    func shutdown() async {
        let executor = BlockingExecutor(name: "ending")
        let count = Counter()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask { await executor.run { count.add(1) } }
                if index == 100 { executor.shutdown() }
            }
        }
        executor.shutdown()
        #expect(count.value == 200)
        #expect(await executor.run { executor.isCurrent })
    }

    @Test("The thread bears the name while the executor lives and ends with it")
    func threadEnds() async {
        let name = "xq\(getpid())"
        var executor: BlockingExecutor? = BlockingExecutor(name: name + "-longer-than-fifteen")
        await executor?.run {}
        #expect(threadNames().contains { $0.hasPrefix(name) })
        executor = nil
        #expect(await eventually { !threadNames().contains { $0.hasPrefix(name) } })
    }
}

private func threadNames() -> [String] {
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let id = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let text = try? readText("/proc/self/task/\(id)/comm") { names.append(text) }
    }
    return names
}
