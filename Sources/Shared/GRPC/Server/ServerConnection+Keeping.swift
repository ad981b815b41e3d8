import CNGHTTP2
import EventLoop
import Lifecycle

/// What time does to a connection: keepalive, limits of time, age, and its end.
extension ServerConnection {
    private static let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)

    /// A client's ping. nghttp2 has answered it.
    func pinged() {
        let earliest = lastPing?.advanced(bySeconds: server.configuration.minPingSeconds)
        lastPing = now
        guard let earliest, now < earliest else { return }
        pingStrikes += 1
        // The words are gRPC's: its clients double their interval when they read them.
        if pingStrikes > 2 { endAbuse("too_many_pings") }
    }

    func pingAnswered() {
        keepaliveSince = nil
        if drain == .noticed { nameLast() }
    }

    /// Looks for everything that takes too long.
    func keepHouse(_ time: MonotonicInstant) {
        guard let stream else { return }
        budget.earn(nanoseconds: time.nanoseconds(since: lastHousekeeping))
        lastHousekeeping = time
        let limits = server.configuration
        if !isGreeted {
            if time.seconds(since: accepted) > limits.handshakeSeconds { timedOut() }
            return
        }
        if isStalled(stream, time) { return timedOut() }
        keepAlive(stream, time)
        expireCalls(time)
        age(time)
    }

    private func timedOut() {
        server.statistics.connectionsTimedOut += 1
        close()
    }

    /// Whether the client has taken nothing for too long although something waits for it.
    private func isStalled(_ stream: ByteStream, _ time: MonotonicInstant) -> Bool {
        guard stream.backlog > 0 else {
            stalledSince = nil
            return false
        }
        guard let since = stalledSince, stream.backlog == stalledBacklog else {
            stalledSince = time
            stalledBacklog = stream.backlog
            return false
        }
        return time.seconds(since: since) > server.configuration.responseSeconds
    }

    private func keepAlive(_ stream: ByteStream, _ time: MonotonicInstant) {
        guard let session else { return }
        let limits = server.configuration
        if let since = keepaliveSince {
            // Anything that came since shows that the client lives.
            if now > since {
                keepaliveSince = nil
            } else if time.seconds(since: since) > limits.keepaliveTimeoutSeconds {
                timedOut()
            }
        } else if time.seconds(since: now) > limits.keepaliveSeconds {
            keepaliveSince = time
            nghttp2_submit_ping(session, Self.none, nil)
            requestPump()
        }
    }

    private func expireCalls(_ time: MonotonicInstant) {
        let limits = server.configuration
        // Backwards: answering a call never removes it from the list, closing one moves the last into its place.
        for call in open.reversed() {
            switch call.state {
            case .receiving where time.seconds(since: call.start) > limits.requestSeconds:
                answer(call, with: GRPCStatus(.deadlineExceeded, "the request took too long to come"))
            case .handling
            where call.deadline == nil && call.method?.isStream == false
                && time.seconds(since: call.start) > limits.defaultDeadlineSeconds:
                deadlinePassed(call)
            case .answered where time.seconds(since: call.answeredAt) > limits.responseSeconds:
                guard let session else { return }
                nghttp2_submit_rst_stream(session, Self.none, call.streamID, NGHTTP2_CANCEL.rawValue)
                requestPump()
            default: break
            }
        }
    }

    private func age(_ time: MonotonicInstant) {
        let limits = server.configuration
        if let since = drainSince {
            // A client that does not answer the ping is not waited for.
            if drain == .noticed, time.seconds(since: since) > 1 { nameLast() }
            let grace = server.isStopping ? server.stopSeconds : limits.maxConnectionAgeGraceSeconds
            if time.seconds(since: since) > grace { close() }
        } else if let ageLimit, time.nanoseconds(since: accepted) > ageLimit {
            beginDraining(time)
        } else if let idle = limits.maxConnectionIdleSeconds, open.isEmpty, time.seconds(since: lastCall) > idle {
            beginDraining(time)
        }
    }

    /// Asks the client to begin no more calls here, in the way that loses none (RFC 9113, section 6.8): a GOAWAY that still
    /// allows every stream, a ping, and after its answer a GOAWAY that names the last one.
    func beginDraining(_ time: MonotonicInstant) {
        guard drain == .none, stream != nil else { return }
        drainSince = time
        guard let session, isGreeted else { return close() }
        drain = .noticed
        nghttp2_submit_shutdown_notice(session)
        nghttp2_submit_ping(session, Self.none, nil)
        requestPump()
    }

    private func nameLast() {
        guard let session else { return }
        drain = .last
        nghttp2_submit_goaway(
            session, Self.none, nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR.rawValue, nil, 0)
        requestPump()
        if open.isEmpty { finishDraining() }
    }

    /// No call is open and none will be: the connection goes when what is queued has been sent.
    func finishDraining() {
        guard let session else { return }
        nghttp2_session_terminate_session(session, NGHTTP2_NO_ERROR.rawValue)
        requestPump()
    }
}
