import EventLoop
import Lifecycle

/// The place of one connection of a channel: it makes the connection, and makes it again when it is lost.
final class ConnectionSlot {
    /// What takes new calls, once it is ready.
    private(set) var connection: ClientConnection?
    /// Why the last attempt failed; nil after one that did not.
    private(set) var failure: String?

    private unowned let channel: GRPCChannel
    private let index: Int
    /// Connections that take no new calls but still have some.
    private var draining: [ClientConnection] = []
    private var isResolving = false
    private var lookup: UInt64 = 0
    private var addresses: [SocketAddress] = []
    private var nextAddress = 0
    private var failures = 0
    private var timer: LoopTimer?
    private var isWaiting = false

    init(_ channel: GRPCChannel, index: Int) throws(EventLoopError) {
        self.channel = channel
        self.index = index
        timer = try LoopTimer(channel.loop) { [unowned self] in timeOut() }
    }

    /// Whether it has a connection that can take calls.
    var isReady: Bool { connection?.isReady ?? false }
    /// Whether an attempt is under way, and the last one did not fail.
    var isHopeful: Bool { failure == nil && (isResolving || connection != nil || isWaiting) }

    func connect() {
        guard connection == nil, !isResolving, !channel.isClosed else { return }
        isWaiting = false
        if !addresses.isEmpty { return open() }
        isResolving = true
        startTimer(seconds: channel.configuration.connectSeconds)
        let ticket = channel.resolver.resolve(host: channel.host, port: channel.port) { [weak self] answer in
            self?.resolved(answer)
        }
        if isResolving { lookup = ticket }
    }

    private func resolved(_ answer: AddressResolver.Answer) {
        guard isResolving else { return }
        isResolving = false
        switch answer {
        case .success(let found):
            addresses = found
            // Several connections spread over several addresses.
            nextAddress = index % found.count
            open()
        case .failure(let error): failed(error.description)
        }
    }

    private func open() {
        let address = addresses[nextAddress % addresses.count]
        startTimer(seconds: channel.configuration.connectSeconds)
        do throws(EventLoopError) {
            connection = try ClientConnection(channel, self, address)
        } catch {
            failed(error.description)
        }
    }

    private func startTimer(seconds: Double) {
        timer?.start(afterNanoseconds: Int64(min(max(seconds, 0), 86_400) * 1e9))
    }

    private func timeOut() {
        if isWaiting { return connect() }
        let seconds = channel.configuration.connectSeconds
        if isResolving {
            isResolving = false
            channel.resolver.cancel(lookup)
            failed("no address within \(seconds) s")
        } else if let connection, !connection.isReady {
            connection.abandon("no connection within \(seconds) s")
        }
    }

    /// The server's settings have come.
    func ready() {
        failure = nil
        timer?.cancel()
        channel.dispatch()
    }

    /// The connection takes no more calls: another takes its place, this one finishes what it has.
    func drains(_ old: ClientConnection) {
        guard old === connection else { return }
        connection = nil
        draining.append(old)
        settle(old)
        channel.dispatch()
    }

    /// The connection is gone; its calls have been told or are in the queue again.
    func lost(_ old: ClientConnection, _ reason: String) {
        draining.removeAll { $0 === old }
        guard old === connection else { return }
        connection = nil
        if old.isReady { settle(old) } else { failed(reason) }
        channel.dispatch()
    }

    /// After a connection that was of use the next attempt is made at once; after one that was not it waits, so that a server
    /// that hangs up at once is not called again and again.
    private func settle(_ old: ClientConnection) {
        // Whoever listens now may be elsewhere.
        addresses = []
        if old.hasServed {
            failures = 0
            connect()
        } else {
            wait()
        }
    }

    private func failed(_ reason: String) {
        connection = nil
        nextAddress += 1
        // Every address is tried before the pause; then the name is looked up again.
        if nextAddress % max(1, addresses.count) != index % max(1, addresses.count), !addresses.isEmpty {
            return connect()
        }
        addresses = []
        failure = reason
        wait()
        channel.connectionFailed()
    }

    private func wait() {
        guard !channel.isClosed else { return }
        isWaiting = true
        let limits = channel.configuration
        var pause = limits.backoffSeconds
        for _ in 0..<min(failures, 64) { pause = min(pause * 1.6, limits.maxBackoffSeconds) }
        failures += 1
        startTimer(seconds: min(pause, limits.maxBackoffSeconds) * Double.random(in: 0.8...1.2))
    }

    func keepHouse(_ time: MonotonicInstant) {
        connection?.keepHouse(time)
        for old in draining { old.keepHouse(time) }
    }

    func close() {
        timer?.cancel()
        if isResolving { channel.resolver.cancel(lookup) }
        isResolving = false
        connection?.close()
        for old in draining { old.close() }
    }
}
