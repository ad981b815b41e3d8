import Glibc
import Synchronization

/// posix_spawn with everything a test wants: a process group of its own, default signals, no inherited descriptors.
enum Spawn {
    /// Starts `arguments[0]`, found through PATH if it has no slash. A nil stream is /dev/null.
    static func start(
        _ arguments: [String], environment: [String: String], directory: String,
        input: Int32?, output: Int32?, errors: Int32?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, descriptor) in [input, output, errors].enumerated() {
            let target = Int32(stream)
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        // posix_spawn's own chdir action is hidden from Swift behind _GNU_SOURCE; env(1) becomes the program.
        guard let program = arguments.first else { throw TestSupportError("nothing to start") }
        let argv = directory == "." ? arguments : ["env", "-C", directory] + arguments
        var pid: pid_t = 0
        let code = descriptors.withLock { _ in
            withCStrings(argv) { argv in
                withCStrings(environment.map { "\($0)=\($1)" }) { envp in
                    posix_spawnp(&pid, directory == "." ? program : "env", &actions, &attributes, argv, envp)
                }
            }
        }
        guard code == 0 else { throw TestSupportError("cannot start \(program)", code: code) }
        return pid
    }

    /// A pipe whose ends no child inherits unless it is handed them.
    static func makePipe() throws -> (readEnd: Int32, writeEnd: Int32) {
        var ends: [Int32] = [-1, -1]
        let code = descriptors.withLock { _ in
            let code = pipe(&ends)
            for end in ends where code == 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return code
        }
        guard code == 0 else { throw TestSupportError("cannot make a pipe", code: errno) }
        return (ends[0], ends[1])
    }

    /// Held between the making of a descriptor and its mark to close on exec, and while a process starts.
    private static let descriptors = Mutex<Void>(())

    /// The environment this process was started with.
    static func inheritedEnvironment() -> [String: String] {
        guard let bytes = try? readBytes("/proc/self/environ") else { return [:] }
        var environment: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            environment[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self)
        }
        return environment
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { copies[index] = strdup(string) }
        copies[strings.count] = nil
        defer {
            for index in strings.indices { free(copies[index]) }
            copies.deallocate()
        }
        return body(copies)
    }
}
