/// A container file that cannot be read or written.
package struct AvroContainerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure.
    package enum Kind: Sendable, Equatable {
        /// The operating system refused; its error number.
        case system(Int32)
        /// The file does not begin as an Avro container.
        case notAContainer
        /// A codec that is not read here; its name.
        case unknownCodec
        /// The schema in the file, or given for it, is not valid or not accepted by libavro.
        case schema
        /// The file ends inside a block, as after a crash while it was written.
        case incomplete
        /// A block is damaged. Everything before `offset` is good.
        case damaged
        /// A block, or a datum for one, exceeds the limits.
        case tooLarge
        /// A block did not reach the file whole, most often because the disk is full.
        case notWritten
    }

    /// What kind of failure.
    package let kind: Kind
    /// The file.
    package let path: String
    /// Where in the file, in bytes: the beginning of the block concerned.
    package let offset: Int64
    /// What happened and what can be done. Holds no data.
    package let reason: String

    /// An error of these parts; `reason` holds no data.
    package init(kind: Kind, path: String, offset: Int64, reason: String) {
        self.kind = kind
        self.path = path
        self.offset = offset
        self.reason = reason
    }

    /// All of it in one line.
    package var description: String { "\(path), at byte \(offset): \(reason)" }
}
