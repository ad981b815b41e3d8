import Lifecycle

extension RedisClient {
    /// Keeps connections and slot map up: connects what has work, asks for a map where one is wanted.
    func keepUp(at now: MonotonicInstant) {
        for node in nodes.values where !node.waiting.isEmpty && node.connection == nil {
            // A node that cannot be reached may have been replaced by another.
            if topology.isCluster == true { topology.isWanted = true }
            node.connect(configuration, at: now)
            settle(node, at: now)
        }
        if topology.isCluster == false, let single = topology.single {
            node(single, at: now).connect(configuration, at: now)
            return
        }
        guard topology.isWanted, !topology.isAsked, now >= topology.nextQuestion else { return }
        if let up = nodes.values.filter(\.isReady).randomElement() {
            ask(up, at: now)
        } else {
            topology.nextQuestion = now.advanced(by: Topology.pause / 4)
            connectCandidate(at: now)
        }
    }

    /// Asks `node` for the slot map.
    func ask(_ node: RedisNode, at now: MonotonicInstant) {
        topology.askedNode = node.address
        topology.nextQuestion = now.advanced(by: Topology.pause)
        node.connection?.askForSlots(at: now)
    }

    /// Connects to one more of those who could have a map.
    private func connectCandidate(at now: MonotonicInstant) {
        let candidates = configuration.seeds + topology.map.primaries.filter { !configuration.seeds.contains($0) }
        let address = candidates[topology.nextCandidate % candidates.count]
        topology.nextCandidate = (topology.nextCandidate + 1) % candidates.count
        let node = node(address, at: now)
        node.connect(configuration, at: now)
        settle(node, at: now)
    }

    /// An answer to the question for a slot map.
    func received(slots reply: RedisReply, from node: RedisNode, at now: MonotonicInstant) {
        topology.askedNode = nil
        if case .error(let error) = reply {
            let found = RedisError(error, node: node.address)
            switch found.kind {
            case .notReady, .clusterDown:
                topology.lastError = found
            case _ where topology.isCluster == true:
                topology.lastError = found
                topology.isWanted = false
            default:
                // "This instance has cluster support disabled", or a server or user without the command.
                topology.isCluster = false
                topology.single = node.address
                topology.isWanted = false
                topology.lastError = nil
                reroute(at: now)
            }
            return
        }
        do throws(RedisError) {
            topology.map = try SlotMap(slots: reply, askedAt: node.address)
            topology.isCluster = true
            topology.isWanted = false
            topology.lastError = nil
            reroute(at: now)
        } catch {
            topology.lastError = error
        }
    }

    /// Sends what waited, or waits at a node that may have lost its slots, where it belongs now.
    private func reroute(at now: MonotonicInstant) {
        var moving: [Pending] = []
        while let pending = unrouted.popFirst() { moving.append(pending) }
        for node in nodes.values where !node.isReady {
            while let pending = node.waiting.popFirst() { moving.append(pending) }
        }
        let named = Set(primaries).union(configuration.seeds)
        for node in nodes.values where !named.contains(node.address) && node.connection?.isIdle ?? true {
            node.connection?.close(RedisError(.cancelled, "the node has no slots any more"))
            forget(node)
        }
        // In the order they were submitted, so that those about one key keep theirs.
        for pending in moving.sorted(by: { $0.ticket.number < $1.ticket.number }) { route(pending, at: now) }
    }
}
