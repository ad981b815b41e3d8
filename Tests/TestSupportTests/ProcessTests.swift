import Glibc
import TestSupport
import Testing

@Suite("Process runner", .timeLimit(.minutes(1)))
struct ProcessTests {
    @Test("Streams, exit code, environment, directory and input arrive")
    func everything() async throws {
        let directory = try ScratchDirectory()
        let result = try await ProcessRunner.run(
            ["sh", "-c", "cat; pwd; echo $GREETING >&2; echo ${HOME-unset}; exit 7"],
            environment: ["GREETING": "hello", "HOME": nil], directory: directory.path, input: .text("from stdin\n"))
        #expect(result.status == .exited(7))
        #expect(result.exitCode == 7)
        #expect(result.output == "from stdin\n\(directory.path)\nunset\n")
        #expect(result.errors == "hello\n")
        #expect(!result.timedOut)
    }

    @Test("Both streams far beyond a pipe's buffer do not block the child")
    func noDeadlock() async throws {
        let result = try await ProcessRunner.run(
            ["sh", "-c", "cat & yes error | head -c 2000000 >&2; yes output | head -c 2000000; wait"],
            input: .bytes([UInt8](repeating: 65, count: 1_000_000)))
        #expect(result.exitCode == 0)
        #expect(result.errorBytes.count == 2_000_000)
        #expect(result.outputBytes.count >= 2_000_000)
    }

    @Test("A child that ignores its input is no error")
    func unreadInput() async throws {
        let result = try await ProcessRunner.run(["true"], input: .bytes([UInt8](repeating: 0, count: 1_000_000)))
        #expect(result.exitCode == 0)
    }

    @Test("The deadline kills the child and its children")
    func deadline() async throws {
        let result = try await ProcessRunner.run(["sh", "-c", "sleep 1000 & echo $!; sleep 1000"], deadline: 0.3)
        #expect(result.timedOut)
        #expect(result.status == .signalled(SIGKILL))
        let grandchild = try #require(pid_t(result.output.dropLast()))
        #expect(await eventually { !isAlive(grandchild) })
    }

    @Test("A signal's death is told apart from an exit")
    func signalled() async throws {
        let result = try await ProcessRunner.run(["sh", "-c", "kill -TERM $$"])
        #expect(result.status == .signalled(SIGTERM))
        #expect(result.exitCode == nil)
    }

    @Test("A missing program, a missing directory")
    func missing() async throws {
        await #expect(throws: TestSupportError.self) { try await ProcessRunner.run(["/no/such/program"]) }
        let result = try await ProcessRunner.run(["true"], directory: "/no/such/directory")
        #expect(result.exitCode == 125)
        await #expect(throws: TestSupportError.self) { try await ProcessRunner.output(of: ["false"]) }
    }

    @Test("A running child can be read, written to and signalled")
    func conversation() async throws {
        let child = try ChildProcess(
            ["sh", "-c", "trap 'echo asked; exit 3' TERM; while read -r line; do echo got $line; done"], input: .open)
        try child.write("one\n")
        try await child.waitForOutput { $0.contains("got one") }
        #expect(child.isRunning)
        child.signal(SIGTERM)
        // The shell runs its trap at once, or when read returns: by then it may be gone.
        try? child.write("two\n")
        let result = try await child.wait()
        #expect(result.exitCode == 3)
        await #expect(throws: TestSupportError.self) { try await child.waitForOutput { $0.contains("three") } }
    }

    @Test("Letting go of a child ends it")
    func release() async throws {
        var child: ChildProcess? = try ChildProcess(["sleep", "1000"])
        let pid = try #require(child?.pid)
        #expect(isAlive(pid))
        child = nil
        #expect(await eventually { !isAlive(pid) })
    }

    @Test("Children and scratch directories end with a test process that is killed")
    func reaper() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            let child = try ChildProcess(["sh", "-c", "sleep 1000 & wait"])
            let directory = try ScratchDirectory("reaped")
            try directory.write("file", "text")
            let text = "\n@\(child.pid) \(directory.path)@\n"
            _ = write(1, text, text.utf8.count)
            kill(getpid(), SIGKILL)
            while true { pause() }
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let words = try #require(output.split(separator: "@").dropFirst().first).split(separator: " ").map(String.init)
        let pid = try #require(pid_t(words[0]))
        #expect(await eventually { !isAlive(pid) && !fileExists(words[1]) })
    }

    @Test("A scratch directory goes with everything in it")
    func scratchDirectory() throws {
        var directory: ScratchDirectory? = try ScratchDirectory("tree")
        let path = try #require(directory?.path)
        mkdir(path + "/sub", 0o755)
        symlink("/etc", path + "/sub/link")
        try directory?.write("file", "text")
        #expect(try readText(path + "/file") == "text")
        #expect(directory?.names() == ["file", "sub"])
        chmod(path + "/sub", 0o500)
        directory = nil
        #expect(!fileExists(path))
        #expect(fileExists("/etc/passwd"))
    }
}

/// Neither gone nor a zombie that nobody has fetched yet.
private func isAlive(_ pid: pid_t) -> Bool {
    guard let text = try? readText("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return false }
    return !text[end...].hasPrefix(") Z")
}
