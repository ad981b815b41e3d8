import Glibc

extension ByteStream {
    /// Bytes that are thrown away while the stream waits for the peer to close it.
    private static let discardLimit = 1 << 20

    /// Sends bytes, or keeps those that the kernel does not take now. Before the stream is open all of them are kept.
    package func send(_ bytes: UnsafeRawBufferPointer) {
        guard phase != .closed, phase != .lingering, !finishing, !isBroken else { return }
        guard phase == .open, output.isEmpty, !tlsReadWantsWrite else { return output.append(bytes) }
        var rest = bytes
        while !rest.isEmpty {
            guard let count = push(rest) else { return }
            if count == 0 { break }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        if !rest.isEmpty {
            output.append(rest)
            watch?.wantsWrite = true
        }
    }

    /// Sends what waits.
    func flush() {
        while !output.isEmpty {
            guard let count = push(output.bytes) else { return }
            if count == 0 {
                watch?.wantsWrite = true
                return
            }
            output.removeFirst(count)
        }
        output.removeAll(keeping: 16 << 10)
        watch?.wantsWrite = false
        if finishing { return endSending() }
        delegate.streamDrained()
    }

    /// Hands bytes to the kernel: how many it took, nil if the stream failed.
    private func push(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let tls else {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, 0)
            if count >= 0 { return count }
            if errno == EAGAIN || errno == EINTR { return 0 }
            endLater(errno)
            return nil
        }
        switch tls.write(bytes) {
        case .done(let count): return count
        case .wantsRead, .wantsWrite: return 0
        case .ended:
            endLater(EPIPE)
            return nil
        case .failed(let error):
            endLater(error.code)
            return nil
        }
    }

    /// A sender is in the middle of its own work when a write fails; it hears of it in a later callback, from the read that
    /// fails for the same reason.
    private func endLater(_ code: Int32) {
        isBroken = true
        output.removeAll(keeping: 0)
        watch?.wantsWrite = false
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Hands what came to the delegate, about `limit` bytes at most.
    func receive(limit: Int) {
        var total = 0
        while phase == .open {
            let count: Int
            if let tls {
                tlsReadWantsWrite = false
                switch tls.read(into: loop.scratch) {
                case .done(let read): count = read
                case .wantsRead: return settle()
                case .wantsWrite:
                    tlsReadWantsWrite = true
                    watch?.wantsWrite = true
                    return
                case .ended: return fail(.closedByPeer)
                case .failed(let error): return fail(.failed(error))
                }
            } else {
                count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
                if count == 0 { return fail(.closedByPeer) }
                if count < 0 {
                    if errno == EAGAIN || errno == EINTR { return }
                    return fail(.failed(EventLoopError("the connection broke", code: errno)))
                }
            }
            if finishing { return discard(count) }
            delegate.streamReceived(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
            total += count
            // A short read of a plain socket has emptied it; asking again would cost a call of the kernel.
            if tls == nil, count < loop.scratch.count { return }
            if total >= limit {
                // TLS may hold more than the kernel knows of.
                if tls != nil { watch?.readAgain() }
                return
            }
        }
    }

    /// After TLS wanted to write in order to read, and could: what is left to be sent decides about the watch.
    private func settle() {
        if phase == .open, output.isEmpty { watch?.wantsWrite = false }
    }

    func discard() {
        let count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return close() }
        if count > 0 { discard(count) }
    }

    private func discard(_ count: Int) {
        discarded += count
        if discarded > Self.discardLimit { close() }
    }
}
