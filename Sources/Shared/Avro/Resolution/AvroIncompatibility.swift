/// One reason why a reader's schema cannot take what a writer's schema allows.
package struct AvroIncompatibility: Error, Sendable, Hashable, CustomStringConvertible {
    /// The rule that is broken.
    package enum Reason: Sendable, Hashable {
        /// The types differ and no promotion leads from the writer's to the reader's.
        case type(writer: String, reader: String)
        /// Records, enums or fixed of different names, and no alias joins them.
        case name(writer: String, reader: String)
        /// Two fixed of different sizes.
        case fixedSize(writer: Int, reader: Int)
        /// Two decimals of different precision or scale.
        case decimal(writer: String, reader: String)
        /// The reader's field is not in the writer's record and has no default.
        case missingDefault(field: String)
        /// Symbols that the reader's enum lacks, and it has no default.
        case missingSymbols([String])
        /// The reader's union has no branch for the writer's type.
        case missingBranch(writer: String)
        /// The schemas nest too deep to be compared.
        case tooDeep
    }

    /// Where in the reader's schema, by names of types and fields, such as `PointsEarned.lines[].price`.
    package let path: String
    /// The rule that is broken there.
    package let reason: Reason
    /// Whether only some of the writer's data cannot be read: those with this branch of a union or this symbol.
    package let isConditional: Bool

    /// All of it in one line.
    package var description: String { "\(path): \(text)" }

    private var text: String {
        switch reason {
        case .type(let writer, let reader): "the writer's \(writer) cannot be read as \(reader)"
        case .name(let writer, let reader):
            "the writer's type is \(writer), the reader's \(reader), and no alias joins them"
        case .fixedSize(let writer, let reader): "\(writer) bytes written, \(reader) read"
        case .decimal(let writer, let reader): "a decimal of \(writer) written, of \(reader) read"
        case .missingDefault(let field): "the writer has no field \(field), and the reader gives it no default"
        case .missingSymbols(let symbols):
            "the reader lacks \(symbols.prefix(10).joined(separator: ", "))\(symbols.count > 10 ? " and more" : "") and has no default"
        case .missingBranch(let writer): "the reader's union has no branch for \(writer)"
        case .tooDeep: "the schemas nest too deep to be compared"
        }
    }
}

/// A writer's schema whose data a reader's schema can never take. A retry cannot help; another version of the reader's
/// schema can.
package struct AvroResolutionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Every reason found, at most `AvroResolutionPlanner.maximumReasons`.
    package let reasons: [AvroIncompatibility]

    /// All reasons in one line.
    package var description: String {
        "schemas do not fit: " + reasons.map(\.description).joined(separator: "; ")
    }
}
