import CLibEvent

/// Watches a descriptor for being readable or writable, the one owner of its events. It never closes the descriptor, and
/// must be released, or told ``stop()``, before the descriptor is closed.
package final class DescriptorWatch {
    /// What a descriptor is ready for. A hang-up or error shows as both.
    package enum Readiness: Sendable {
        case readable
        case writable
    }

    private let loop: EventLoop
    private let action: (Readiness) -> Void
    private var readEvent: OpaquePointer?
    private var writeEvent: OpaquePointer?
    private var isReading = false
    private var isWriting = false

    /// Watches for nothing yet. `action` runs on the loop's thread, again and again as long as the descriptor is ready.
    package init(
        _ loop: EventLoop, descriptor: Int32, _ action: @escaping (Readiness) -> Void
    ) throws(EventLoopError) {
        self.loop = loop
        self.action = action
        let context = Unmanaged.passUnretained(self).toOpaque()
        readEvent = event_new(
            loop.base, descriptor, Int16(EV_READ | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                Unmanaged<DescriptorWatch>.fromOpaque(context).takeUnretainedValue().action(.readable)
            }, context)
        writeEvent = event_new(
            loop.base, descriptor, Int16(EV_WRITE | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                Unmanaged<DescriptorWatch>.fromOpaque(context).takeUnretainedValue().action(.writable)
            }, context)
        guard readEvent != nil, writeEvent != nil else { throw EventLoopError("libevent cannot watch a descriptor") }
    }

    deinit {
        if let readEvent { event_free(readEvent) }
        if let writeEvent { event_free(writeEvent) }
    }

    /// Whether to be told when there is something to read.
    package var wantsRead: Bool {
        get { isReading }
        set {
            guard newValue != isReading, let readEvent else { return }
            isReading = newValue
            if newValue { event_add(readEvent, nil) } else { event_del(readEvent) }
        }
    }

    /// Whether to be told when there is room to write.
    package var wantsWrite: Bool {
        get { isWriting }
        set {
            guard newValue != isWriting, let writeEvent else { return }
            isWriting = newValue
            if newValue { event_add(writeEvent, nil) } else { event_del(writeEvent) }
        }
    }

    /// Calls the action with `.readable` later in this turn, whatever the descriptor says: for readers that stopped in the
    /// middle of what another buffer holds already.
    package func readAgain() {
        if isReading, let readEvent { event_active(readEvent, Int32(EV_READ), 0) }
    }

    /// Watches for nothing any more.
    package func stop() {
        wantsRead = false
        wantsWrite = false
    }
}
