import Events
import Foundation
import Testing

/// `docs/headers.md` is rendered from the code here, and compared; the table cannot say what the code does not do.
@Suite("docs/headers.md")
struct HeaderDocumentationTests {
    private static let operations: [HeaderPolicy.Operation] = [
        .redrive(.dlq), .redriveToOrigin(.dlq), .redrive(.replay), .park, .unpark, .deadLetter,
    ]

    @Test("the table of names is what the code reads, keeps, removes and writes")
    func names() throws {
        let rows = HeaderName.allCases.map { name in
            row("\(name.text)", dialect: name.dialect, reading: reading(name))
        }
        let others = FailureHeader.prefixes.map { prefix in
            row("\(prefix.text)", shown: "\(prefix.text)…", dialect: prefix.dialect, reading: "not read")
        }
        try expect("names", rows + others)
    }

    @Test("the table of dialects")
    func dialects() throws {
        try expect(
            "dialects",
            Dialect.allCases.map { dialect in
                let names = dialect.originNames
                return "| \(dialect) | `\(names.topic.text)`, `\(names.partition.text)`, `\(names.offset.text)` |"
            })
    }

    private func expect(_ section: String, _ rows: [String]) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/headers.md").standardizedFileURL
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        let start = try #require(lines.firstIndex(of: "<!-- \(section): begin -->"))
        let end = try #require(lines.firstIndex(of: "<!-- \(section): end -->"))
        // Two lines of heading come first.
        let written = Array(lines[(start + 3)..<end])
        #expect(written == rows, "put these rows into docs/headers.md:\n\(rows.joined(separator: "\n"))")
    }

    private func row(_ name: String, shown: String? = nil, dialect: Dialect, reading: String) -> String {
        let cells = Self.operations.map { cell(name, $0) }.joined(separator: " | ")
        return "| `\(shown ?? name)` | \(dialect) | \(reading) | \(cells) |"
    }

    private func cell(_ name: String, _ operation: HeaderPolicy.Operation) -> String {
        let bytes = Array(name.utf8)
        let isRemoved = bytes.withUnsafeBytes { HeaderPolicy(operation).removes($0) }
        let isWritten = Self.written(operation).contains(name)
        return switch (isRemoved, isWritten) {
        case (true, true): "written"
        case (true, false): "removed"
        case (false, true): "kept or written"
        case (false, false): "kept"
        }
    }

    /// Every name an operation may write.
    private static func written(_ operation: HeaderPolicy.Operation) -> Set<String> {
        var batch = HeaderBatch()
        var letter = DeadLetter()
        letter.origin = Origin(topic: "t", partition: 0, offset: 0)
        switch operation {
        case .park: batch.setParked(reason: "r", by: "b", at: 0)
        case .deadLetter:
            guard let origin = letter.origin else { return [] }
            var failure = ProcessingFailure(
                consumed: origin, timestamp: 0, group: "g", deliveries: 1, message: "m", code: .internal, failedAt: 0)
            failure.eventID = Identifier("e")
            failure.eventType = .badgeTask
            failure.merchantID = Identifier("m")
            batch.setDeadLetter(failure, carried: DeadLetter())
        default: batch.setRedrive(operation, of: letter, run: "r", originalTimestamp: 0)
        }
        return Set(batch.list.map { String(decoding: $0.name, as: UTF8.self) })
    }

    private func reading(_ name: HeaderName) -> String {
        switch name.numberForm {
        case .text: "number: text, else binary"
        case .natural(let width): "number: \(width) bytes binary, else as text"
        case .shortest: "number: 1 to 8 bytes binary, else text"
        case nil: "text"
        }
    }
}
