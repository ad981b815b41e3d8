import Glibc
import Observability
import Synchronization
import TestSupport
import Testing

private final class Lines: Sendable {
    private let stored = Mutex<[String]>([])
    var all: [String] { stored.withLock { $0 } }
    func add(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
        stored.withLock { $0.append(line) }
    }
}

@Suite("Logger")
struct LoggerTests {
    @Test("Lines below the level are not written, and not even made")
    func levels() {
        let lines = Lines()
        let logger = Logger(level: .warning, output: lines.add)
        var made = 0
        func message() -> String {
            made += 1
            return "message"
        }
        logger.debug(message())
        logger.info(message(), [.topic(message())])
        #expect(made == 0 && lines.all.isEmpty)
        logger.warning(message())
        logger.error(message(), [.topic(message())])
        #expect(made == 3 && lines.all.count == 2)
        #expect(!logger.isEnabled(.info) && logger.isEnabled(.error))
    }

    @Test("Context is carried, the later value of a key counts")
    func context() {
        let lines = Lines()
        let logger = Logger(output: lines.add, now: { Timestamp(milliseconds: 0) })
        logger.with([.topic("t"), .partition(1)]).with([.partition(2)]).info("m", [.offset(3)])
        #expect(lines.all == ["1970-01-01T00:00:00.000Z INFO    m topic=t partition=2 offset=3\n"])
    }

    @Test("Lines of many threads in one file do not mix")
    func threads() async throws {
        let directory = try ScratchDirectory()
        let file = open(directory.file("log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let logger = Logger(format: .json) { line in _ = write(file, line.baseAddress, line.count) }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let filler = String(repeating: "x", count: task * 100)
                    for index in 0..<100 { logger.info("m", [.integer("index", index), .string("filler", filler)]) }
                }
            }
        }
        close(file)
        let lines = try readText(directory.file("log")).split(separator: "\n")
        #expect(lines.count == 800)
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"time":"#) && $0.hasSuffix("\"}") })
    }

    @Test("A standard error that is full or closed drops lines and nothing else")
    func badStandardError() async {
        await #expect(processExitsWith: .exitCode(42)) {
            signal(SIGPIPE, SIG_IGN)
            let full = open("/dev/full", O_WRONLY)
            dup2(full, 2)
            Logger().error("to a full disk")
            close(2)
            Logger().error("to nothing")
            _exit(42)
        }
    }
}
