import Crypto

/// One numbered file of SQL.
package struct Migration: Sendable, Equatable {
    /// 1 ... 9999, from the file's name.
    package let number: Int
    /// The file's name without number and ending.
    package let name: String
    /// The file's content.
    package let text: String
    /// SHA-256 of the content in hexadecimal.
    package let checksum: String

    /// `NNNN_name.sql` with this content.
    /// - Throws: `MigrationError` where name or content cannot be one.
    package init(fileName: String, text: String) throws(MigrationError) {
        let parts = fileName.split(separator: "_", maxSplits: 1)
        guard fileName.hasSuffix(".sql"), parts.count == 2, parts[0].count == 4, let number = Int(parts[0]), number > 0,
            parts[0].allSatisfy(\.isNumber)
        else { throw MigrationError(.badFile, fileName, "is not named NNNN_name.sql") }
        let name = String(parts[1].dropLast(4))
        let isPlain = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        guard isPlain, !name.isEmpty else {
            throw MigrationError(.badFile, fileName, "may have a-z, 0-9 and _ in its name")
        }
        self.number = number
        self.name = name
        self.text = text
        do {
            let bytes = Array(text.utf8)
            let digest = try bytes.withUnsafeBytes { bytes in
                Result { () throws(CryptoError) in try SHA256Digest.of(bytes) }
            }.get()
            checksum = digest.description
        } catch {
            throw MigrationError(.badFile, fileName, "\(error)")
        }
    }

    /// The file's name.
    package var fileName: String { "\(String(repeating: "0", count: 4 - String(number).count))\(number)_\(name).sql" }

    /// Whether it runs in a transaction. A file whose first line is `-- no-transaction` holds a single idempotent
    /// statement that cannot, such as CREATE INDEX CONCURRENTLY.
    package var isTransactional: Bool {
        text.split(separator: "\n", maxSplits: 1).first.map { $0.filter { $0 != "\r" } } != "-- no-transaction"
    }

    /// The index that a `-- no-transaction` file builds concurrently: one left invalid by a crash has to be dropped
    /// before it is built again. Nil for other statements, and for names that would need quotes.
    var concurrentIndex: String? {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("--") }
        var words = lines.joined(separator: " ").split(whereSeparator: \.isWhitespace).map { $0.lowercased() }[...]
        func take(_ wanted: String...) -> Bool {
            guard words.starts(with: wanted) else { return false }
            words = words.dropFirst(wanted.count)
            return true
        }
        guard take("create") else { return nil }
        _ = take("unique")
        guard take("index", "concurrently") else { return nil }
        _ = take("if", "not", "exists")
        guard let name = words.first,
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
        else { return nil }
        return name
    }

    /// The line on which the character at `position` (counted from 1) stands.
    func line(at position: Int) -> Int { 1 + text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" } }
}

/// Migrations that cannot be read or applied.
package struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// What kind of trouble.
    package enum Kind: Sendable, Equatable {
        /// A file, or the folder, cannot be one of migrations.
        case badFile
        /// An applied file was changed, or is missing, or an older one was added behind it.
        case altered
        /// The database said no; nothing of this file was applied (a `-- no-transaction` file may be begun).
        case failed
        /// Another program is applying migrations, and did not end in time.
        case busy
    }

    /// What kind of trouble it is.
    package let kind: Kind
    /// The file, or folder, in question.
    package let file: String
    /// The database's error, where there is one.
    package let cause: PostgresError?
    private let reason: String

    init(_ kind: Kind, _ file: String, _ reason: String, cause: PostgresError? = nil) {
        self.kind = kind
        self.file = file
        self.reason = reason
        self.cause = cause
    }

    /// The file and what is wrong with it.
    package var description: String { file.isEmpty ? reason : "\(file): \(reason)" }
}
