import Glibc

/// Starts detached POSIX threads that carry a name (`ps -L`, `top -H`, a debugger).
package enum NamedThread {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a detached thread that runs `body` and ends. The kernel keeps the first 15 bytes of `name`.
    ///
    /// A process that cannot start a thread can do nothing of use here, so failure traps and names the cause.
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread: pthread_t = 0
        let code = pthread_create(&thread, nil, enterNamedThread, start.toOpaque())
        precondition(code == 0, "cannot start a thread: \(String(cString: strerror(code)))")
        pthread_detach(thread)
    }

    fileprivate static func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        setName(start.name)
        start.body()
        return nil
    }

    /// Glibc shows pthread_setname_np only to _GNU_SOURCE, which Swift does not define; the kernel's file does the same.
    private static func setName(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        var text = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        text.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}

private func enterNamedThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    NamedThread.enter(argument)
}
