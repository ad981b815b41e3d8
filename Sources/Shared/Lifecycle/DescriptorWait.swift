import Glibc

/// What a connection that is non-blocking at heart waits for on its descriptor.
package struct DescriptorInterest: OptionSet, Sendable, Hashable {
    /// A bit for each kind.
    package let rawValue: UInt8

    /// A set of these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bytes, or the end of the stream, can be read.
    package static let read = DescriptorInterest(rawValue: 1)
    /// Bytes can be written.
    package static let write = DescriptorInterest(rawValue: 2)
}

/// Waits on a descriptor with poll(2): how a program that has a thread to block drives a non-blocking connection.
package enum DescriptorWait {
    /// Waits until `descriptor` is ready for one of `interest`, or until `deadline`; returns what it is ready for.
    ///
    /// An error or a hang-up counts as ready for all of `interest`, so that the next read or write finds it. Blocks:
    /// only for threads of a blocking executor. Ends early with nothing when a signal came in between.
    package static func wait(
        _ descriptor: Int32, for interest: DescriptorInterest, until deadline: MonotonicInstant
    ) -> DescriptorInterest {
        wait([(descriptor, interest)], until: deadline)[0]
    }

    /// The same for several descriptors at a time; those below 0 are left out. Returns what each is ready for.
    package static func wait(
        _ waits: [(descriptor: Int32, interest: DescriptorInterest)], until deadline: MonotonicInstant
    ) -> [DescriptorInterest] {
        var entries = waits.map { wait in
            var events: Int32 = 0
            if wait.interest.contains(.read) { events |= POLLIN }
            if wait.interest.contains(.write) { events |= POLLOUT }
            return pollfd(fd: wait.descriptor, events: Int16(events), revents: 0)
        }
        let left = max(0, deadline.nanoseconds(since: .now()))
        guard poll(&entries, nfds_t(entries.count), Int32(clamping: (left + 999_999) / 1_000_000)) > 0 else {
            return waits.map { _ in [] }
        }
        return zip(waits, entries).map { wait, entry in
            let found = Int32(entry.revents)
            if found & (POLLERR | POLLHUP | POLLNVAL) != 0 { return wait.interest }
            var ready: DescriptorInterest = []
            if found & POLLIN != 0 { ready.insert(.read) }
            if found & POLLOUT != 0 { ready.insert(.write) }
            return ready
        }
    }
}
