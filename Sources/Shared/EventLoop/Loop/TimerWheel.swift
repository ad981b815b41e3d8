package import Lifecycle

/// Many deadlines on one timer: setting and removing one costs no allocation and no call of the kernel (Varghese and
/// Lauck's hashed timing wheel).
///
/// A deadline is never met early, and up to 9 ms late.
package final class TimerWheel {
    /// One deadline that is set. It is void once it has been met or removed.
    package typealias Entry = Int32

    private struct Node {
        var next: Int32
        var previous: Int32
        var tick: Int64
        var token: UInt64
    }

    /// A tick is 2^22 ns, 4.2 ms; a turn of the wheel 4.3 s.
    private static let tickShift: Int64 = 22
    private static let slotCount = 1_024
    private static let none: Int32 = -1

    private let loop: EventLoop
    private let onDeadline: (UInt64) -> Void
    private var timer: LoopTimer?
    private var nodes: [Node] = []
    private var free: Int32 = none
    private var heads = [Int32](repeating: none, count: slotCount)
    private var occupied = [UInt64](repeating: 0, count: slotCount / 64)
    private var armedTick = Int64.max
    private var lastTick: Int64

    /// Deadlines that are set.
    package private(set) var count = 0

    /// A wheel that calls `onDeadline` with a deadline's token, on the loop's thread, when it is met.
    package init(_ loop: EventLoop, onDeadline: @escaping (UInt64) -> Void) throws(EventLoopError) {
        self.loop = loop
        self.onDeadline = onDeadline
        lastTick = loop.now.nanoseconds >> Self.tickShift
        timer = try LoopTimer(loop) { [unowned self] in advance() }
    }

    /// Sets a deadline; `token` is the caller's.
    package func insert(at deadline: MonotonicInstant, token: UInt64) -> Entry {
        // The tick after the one in which the deadline lies, or the next one that will be looked at.
        let tick = max((deadline.nanoseconds >> Self.tickShift) + 1, lastTick + 1)
        let slot = Int(tick) & (Self.slotCount - 1)
        let entry = take(Node(next: heads[slot], previous: Self.none, tick: tick, token: token))
        if heads[slot] != Self.none { nodes[Int(heads[slot])].previous = entry }
        heads[slot] = entry
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
        count += 1
        if tick < armedTick { arm(tick) }
        return entry
    }

    /// Removes a deadline that has not been met yet.
    package func remove(_ entry: Entry) {
        let node = nodes[Int(entry)]
        let slot = Int(node.tick) & (Self.slotCount - 1)
        if node.previous == Self.none {
            heads[slot] = node.next
            if node.next == Self.none { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        } else {
            nodes[Int(node.previous)].next = node.next
        }
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        nodes[Int(entry)].next = free
        free = entry
        count -= 1
    }

    private func take(_ node: Node) -> Entry {
        if free == Self.none {
            nodes.append(node)
            return Int32(nodes.count - 1)
        }
        let entry = free
        free = nodes[Int(entry)].next
        nodes[Int(entry)] = node
        return entry
    }

    private func arm(_ tick: Int64) {
        armedTick = tick
        timer?.start(afterNanoseconds: (tick << Self.tickShift) - loop.now.nanoseconds)
    }

    /// Meets what is due and sets the timer for the next slot that holds anything.
    private func advance() {
        let now = loop.now.nanoseconds >> Self.tickShift
        armedTick = .max
        // After a long stall every slot is looked at once, not once for every tick that went by.
        let first = max(lastTick + 1, now - Int64(Self.slotCount) + 1)
        lastTick = max(lastTick, now)
        var tick = first
        while tick <= now {
            meet(slot: Int(tick) & (Self.slotCount - 1), now: now)
            tick += 1
        }
        if armedTick == .max, let next = nextOccupied() { arm(next) }
    }

    private func meet(slot: Int, now: Int64) {
        var entry = heads[slot]
        while entry != Self.none {
            let node = nodes[Int(entry)]
            guard node.tick <= now else {
                entry = node.next
                continue
            }
            remove(entry)
            onDeadline(node.token)
            // The callback may have set and removed others: begin the slot again.
            entry = heads[slot]
        }
    }

    /// The next tick whose slot holds an entry, which may be due only in a later turn of the wheel.
    private func nextOccupied() -> Int64? {
        if count == 0 { return nil }
        for step in 1...Int64(Self.slotCount) {
            let slot = Int(lastTick + step) & (Self.slotCount - 1)
            if occupied[slot >> 6] & (1 << UInt64(slot & 63)) != 0 { return lastTick + step }
        }
        return nil
    }
}
