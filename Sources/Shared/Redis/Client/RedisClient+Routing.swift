import Lifecycle

extension RedisClient {
    /// Brings a command to the node where it belongs, or lets it wait.
    func route(_ pending: Pending, at now: MonotonicInstant) {
        if now >= pending.deadline { return giveUp(pending, on: nil) }
        if let pinned = pending.pinned { return send(pending, to: node(pinned, at: now), at: now) }
        switch topology.isCluster {
        case nil: unrouted.append(pending)
        case false?:
            guard let single = topology.single else { return unrouted.append(pending) }
            send(pending, to: node(single, at: now), at: now)
        case true?: routeInCluster(pending, at: now)
        }
    }

    private func routeInCluster(_ pending: Pending, at now: MonotonicInstant) {
        switch pending.command.place {
        case .nowhere:
            finish(pending, .failure(RedisError(.crossSlot, "the keys of one command lie in several slots")))
        case .slot(let slot):
            guard let owner = topology.map.owner(of: slot) else { return putOff(pending, at: now) }
            send(pending, to: node(owner, at: now), at: now)
        case .anywhere:
            let primaries = topology.map.primaries
            guard let first = primaries.first else { return putOff(pending, at: now) }
            let up = primaries.first { nodes[$0]?.isReady ?? false }
            send(pending, to: node(up ?? first, at: now), at: now)
        }
    }

    private func send(_ pending: Pending, to node: RedisNode, at now: MonotonicInstant) {
        if let connection = node.connection, connection.isReady, node.waiting.isEmpty {
            connection.submit(pending, at: now)
        } else {
            node.waiting.append(pending)
        }
    }

    /// Tries a command again after a pause; a new slot map may help.
    private func putOff(_ pending: Pending, at now: MonotonicInstant) {
        topology.isWanted = true
        delayed.add(pending, at: now)
    }

    /// Takes what came of a node's connection.
    func settle(_ node: RedisNode, at now: MonotonicInstant) {
        while let connection = node.connection, let event = connection.take() {
            switch event {
            case .ready:
                node.succeeded()
                while let pending = node.waiting.popFirst() { connection.submit(pending, at: now) }
                if topology.isWanted, !topology.isAsked { ask(node, at: now) }
            case .answer(let pending, .error(let error)): objected(pending, error, node, at: now)
            case .answer(let pending, let reply): finish(pending, .success(reply))
            case .slots(let reply): received(slots: reply, from: node, at: now)
            case .closed(let error, let sent, let unsent): closed(node, error, sent, unsent, at: now)
            }
        }
    }

    private func closed(
        _ node: RedisNode, _ error: RedisError, _ sent: [Pending], _ unsent: [Pending], at now: MonotonicInstant
    ) {
        node.failed(error, at: now)
        if topology.askedNode == node.address { topology.askedNode = nil }
        // Where several servers are named and one goes, another may have taken over.
        if topology.isCluster == false, configuration.seeds.count > 1 { topology.isCluster = nil }
        if topology.isCluster != false { topology.isWanted = true }
        for pending in sent { finish(pending, .failure(error.with(outcome: .unknown))) }
        // What never left goes on waiting, in its place before what came later.
        var waiting = unsent
        while let pending = node.waiting.popFirst() { waiting.append(pending) }
        guard error.isRetriable else {
            // A wrong password is wrong for those that wait as well.
            for pending in waiting { finish(pending, .failure(error)) }
            while topology.isCluster == nil, let pending = unrouted.popFirst() { finish(pending, .failure(error)) }
            return
        }
        for pending in waiting { node.waiting.append(pending) }
    }

    /// What a server says against a command.
    private func objected(_ pending: Pending, _ error: RedisServerError, _ node: RedisNode, at now: MonotonicInstant) {
        var pending = pending
        pending.isAsking = false
        let found = RedisError(error, node: node.address)
        pending.objection = found
        switch found.kind {
        case .redirections where pending.pinned == nil: redirect(pending, error, node, at: now)
        case .noScript where pending.command.hasScript:
            let whole = pending.command.withText()
            grew(by: whole.byteCount - pending.command.byteCount)
            pending.command = whole
            send(pending, to: node, at: now)
        case .notReady, .clusterDown: putOff(pending, at: now)
        case .readOnly where topology.isCluster == true && pending.pinned == nil: putOff(pending, at: now)
        default: finish(pending, .failure(found))
        }
    }

    /// Follows `MOVED 3999 127.0.0.1:6381` and `ASK 3999 127.0.0.1:6381`.
    private func redirect(_ pending: Pending, _ error: RedisServerError, _ node: RedisNode, at now: MonotonicInstant) {
        var pending = pending
        pending.redirections += 1
        let words = error.line.split(separator: " ")
        guard words.count >= 3, let slot = UInt16(words[1]), Int(slot) < HashSlot.count,
            let target = RedisAddress(redirection: words[2], askedAt: node.address)
        else {
            let bad = RedisError(
                .protocolViolation, "a redirection without an address", outcome: .refused, node: node.address)
            return finish(pending, .failure(bad))
        }
        guard pending.redirections <= configuration.redirectionLimit, nodes.count < SlotMap.limit else {
            return finish(pending, .failure(RedisError(error, node: node.address)))
        }
        if words[0] == "ASK" {
            pending.isAsking = true
        } else {
            // A server that redirects is one of a cluster, whatever it said before.
            topology.isCluster = true
            topology.map.set(slot, to: target)
            topology.isWanted = true
        }
        send(pending, to: self.node(target, at: now), at: now)
    }

    /// Gives up commands that nobody took in time.
    func expire(at now: MonotonicInstant) {
        while let first = unrouted.first, now >= first.deadline {
            _ = unrouted.popFirst()
            giveUp(first, on: nil)
        }
        for node in nodes.values {
            guard let first = node.waiting.first, now >= first.deadline else { continue }
            var kept = Fifo<Pending>()
            while let pending = node.waiting.popFirst() {
                if now >= pending.deadline { giveUp(pending, on: node) } else { kept.append(pending) }
            }
            node.waiting = kept
        }
    }

    private func giveUp(_ pending: Pending, on node: RedisNode?) {
        var error =
            pending.objection ?? node?.lastError ?? lastError
            ?? RedisError(.unreachable, "no connection within \(configuration.patience)")
        error.node = error.node ?? node?.address
        // Whatever broke the connection, this command was not on it.
        if pending.objection == nil {
            error.outcome = .notRun
            if error.kind == .connectionLost || error.kind == .timedOut { error.kind = .unreachable }
        }
        finish(pending, .failure(error))
    }
}
