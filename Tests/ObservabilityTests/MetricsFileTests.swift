import Glibc
import Observability
import TestSupport
import Testing

@Suite("Metrics file", .timeLimit(.minutes(1)))
struct MetricsFileTests {
    @Test("It is written and replaced, and nothing else is left")
    func replace() throws {
        let directory = try ScratchDirectory()
        let path = directory.file("drain.prom")
        let registry = MetricRegistry()
        registry.counter("a_total", help: "a").with().add(5)
        try MetricsFile.write("old", to: path)
        try MetricsFile.write(registry, to: path)
        #expect(try readText(path) == registry.exposition())
        #expect(directory.names() == ["drain.prom"])
    }

    @Test("A relative path without a slash is fine")
    func relative() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let directory = try ScratchDirectory()
            chdir(directory.path)
            try MetricsFile.write("text", to: "drain.prom")
            guard try readText("drain.prom") == "text" else { _exit(1) }
            withExtendedLifetime(directory) { _exit(42) }
        }
    }

    @Test("A symbolic link stays, its target is replaced")
    func link() throws {
        let directory = try ScratchDirectory()
        try directory.write("target", "old")
        symlink("target", directory.file("link"))
        try MetricsFile.write("new", to: directory.file("link"))
        #expect(try readText(directory.file("target")) == "new")
        var status = stat()
        lstat(directory.file("link"), &status)
        #expect(status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test("A pipe is written to while somebody reads it, and is an error at once where nobody does")
    func pipes() throws {
        let directory = try ScratchDirectory()
        let path = directory.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let error = #expect(throws: MetricsFileError.self) { try MetricsFile.write("new", to: path) }
        #expect(error?.code == ENXIO && error?.description.contains("nobody reads") == true)
        let reader = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        try MetricsFile.write("new", to: path)
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(read(reader, &bytes, bytes.count) == 3 && bytes.starts(with: "new".utf8))
        close(reader)
    }

    @Test("A missing directory, a directory, a file as directory")
    func badPaths() throws {
        let directory = try ScratchDirectory()
        try directory.write("file", "")
        let cases = [
            (directory.file("none/x.prom"), ENOENT), (directory.path, EISDIR), (directory.file("file/x"), ENOTDIR),
            ("", ENOENT),
        ]
        for (path, code) in cases {
            for attempt in [{ try MetricsFile.write("new", to: path) }, { try MetricsFile.check(path) }] {
                let error = #expect(throws: MetricsFileError.self) { try attempt() }
                #expect(error?.code == code)
                #expect(error?.description.contains(path) == true)
            }
        }
        #expect(directory.names() == ["file"])
    }

    @Test("A disk that is full is told, and the old file kept")
    func fullDisk() async throws {
        let error = #expect(throws: MetricsFileError.self) { try MetricsFile.write("new", to: "/dev/full") }
        #expect(error?.code == ENOSPC && error?.isRetriable == true)
        // A limit on file sizes fails in the middle of a write, as a full disk does.
        await #expect(processExitsWith: .exitCode(42)) {
            let directory = try ScratchDirectory()
            let path = try directory.write("drain.prom", "old")
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            do {
                try MetricsFile.write(String(repeating: "x", count: 5000), to: path)
            } catch let error as MetricsFileError where error.code == EFBIG {
                guard try readText(path) == "old", directory.names() == ["drain.prom"] else { _exit(2) }
                withExtendedLifetime(directory) { _exit(42) }
            }
        }
    }

    @Test("A reader never sees half a file")
    func atomic() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("drain.prom")
        let texts = ["a", "b"].map { String(repeating: $0, count: 200_000) }
        try MetricsFile.write(texts[0], to: path)
        async let writer: Void = {
            for round in 0..<50 { try MetricsFile.write(texts[round % 2], to: path) }
        }()
        var isWhole = true
        for _ in 0..<200 { isWhole = texts.contains(try readText(path)) && isWhole }
        try await writer
        #expect(isWhole)
    }
}
