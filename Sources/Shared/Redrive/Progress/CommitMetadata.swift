/// The text that every commit of these tools carries as its metadata, so that an offset set by another program
/// is told from one of ours.
///
///     gamification.redrive/1 sequence=12 progress=1 run=RUN copy=COPY
package struct CommitMetadata: Equatable, Sendable {
    /// What the text begins with; the number is the format's.
    package static let prefix = "gamification.redrive/1"

    /// Run, copy and sequence of the commit.
    package let stamp: ProgressStamp
    /// Whether the progress topic holds a record of this commit too.
    package let hasProgress: Bool

    /// - Parameter hasProgress: whether progress records are written with the commit.
    package init(stamp: ProgressStamp, hasProgress: Bool) {
        self.stamp = stamp
        self.hasProgress = hasProgress
    }

    /// What is committed with the offset; at most 4,096 bytes with names of at most 255.
    package var text: String {
        "\(Self.prefix) sequence=\(stamp.sequence) progress=\(hasProgress ? 1 : 0) run=\(stamp.run) copy=\(stamp.copy)"
    }

    /// Reads a commit's metadata; nil for one that these tools did not write.
    package init?(_ text: String?) {
        guard let text else { return nil }
        // Bytes, not characters: a run name is compared, never taken apart.
        let parts = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].elementsEqual(Self.prefix.utf8),
            let sequence = Self.field("sequence=", parts[1]).flatMap({ UInt64($0) }),
            let progress = Self.field("progress=", parts[2]), progress == "0" || progress == "1",
            let run = Self.field("run=", parts[3]), let copy = Self.field("copy=", parts[4])
        else { return nil }
        stamp = ProgressStamp(run: String(run), copy: String(copy), sequence: sequence)
        hasProgress = progress == "1"
    }

    private static func field(_ name: StaticString, _ part: Substring.UTF8View) -> Substring? {
        let prefix = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return part.starts(with: prefix) ? Substring(part.dropFirst(prefix.count)) : nil
    }
}
