import Glibc
import Lifecycle
import Synchronization

/// Cleans up after the test process however it ends, `kill -9` included.
///
/// A small shell process reads from a pipe which processes were started and which directories were made. When the
/// test process is gone the pipe ends, and the shell kills the process groups that are left and removes the rest.
/// (PR_SET_PDEATHSIG would not do: it follows the thread that made the child, and pool threads come and go.)
enum Reaper {
    private static let script = """
        trap '' INT TERM HUP
        groups=' ' dirs=
        while read -r what which; do
            case $what in
            +) groups="$groups$which " ;;
            -) case $groups in *" $which "*) groups="${groups%% "$which" *} ${groups#* "$which" }" ;; esac ;;
            d) dirs="$dirs
        $which" ;;
            esac
        done
        for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
        printf '%s\\n' "$dirs" | while read -r dir; do
            case $dir in */scratch-*) rm -rf -- "$dir" || { sleep 0.2; rm -rf -- "$dir"; } ;; esac
        done
        """

    private static let pipe = Mutex<Int32?>(nil)

    static func watch(group: pid_t) throws { try send("+ \(group)\n") }

    static func forget(group: pid_t) { try? send("- \(group)\n") }

    static func watch(directory: String) throws { try send("d \(directory)\n") }

    private static func send(_ line: String) throws {
        try pipe.withLock { pipe in
            let end = try pipe ?? start()
            pipe = end
            let count = Array(line.utf8).withUnsafeBytes { write(end, $0.baseAddress, $0.count) }
            guard count == line.utf8.count else { throw TestSupportError("cannot tell the reaper", code: errno) }
        }
    }

    private static func start() throws -> Int32 {
        let (readEnd, writeEnd) = try Spawn.makePipe()
        defer { close(readEnd) }
        signal(SIGPIPE, SIG_IGN)
        _ = try Spawn.start(
            ["/bin/sh", "-c", script, "reaper"], environment: Spawn.inheritedEnvironment(), directory: "/",
            input: readEnd, output: nil, errors: nil)
        return writeEnd
    }
}
