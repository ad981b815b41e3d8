/// What a database has of a folder's migrations.
package struct MigrationStatus: Sendable, Equatable {
    /// What became of one migration.
    package enum State: String, Sendable, Equatable {
        /// Applied as the file is.
        case applied
        /// Not applied yet.
        case pending
        /// The file was changed since it was applied.
        case altered
        /// Applied, and no file has this number: the database is newer than this program.
        case unknown
        /// Not applied, although a later one was.
        case skipped
    }

    /// One migration.
    package struct Entry: Sendable, Equatable {
        /// What its file's name begins with.
        package let number: Int
        /// What stands behind the number.
        package let name: String
        /// Whether it is applied.
        package let state: State
        /// When it was applied, RFC 3339 in UTC.
        package let appliedAt: String?
    }

    /// By rising number.
    package let entries: [Entry]

    /// What is recorded in the database.
    struct Record {
        let number: Int
        let name: String
        let checksum: String
        let appliedAt: String
    }

    init(migrations: [Migration], records: [Record]) {
        let known = Dictionary(records.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let last = records.map(\.number).max() ?? 0
        var entries = migrations.map { migration in
            guard let record = known[migration.number] else {
                let state: State = migration.number < last ? .skipped : .pending
                return Entry(number: migration.number, name: migration.name, state: state, appliedAt: nil)
            }
            let isSame = record.checksum == migration.checksum && record.name == migration.name
            return Entry(
                number: migration.number, name: migration.name, state: isSame ? .applied : .altered,
                appliedAt: record.appliedAt)
        }
        for record in records where record.number > migrations.count {
            entries.append(
                Entry(number: record.number, name: record.name, state: .unknown, appliedAt: record.appliedAt))
        }
        self.entries = entries.sorted { $0.number < $1.number }
    }

    /// The numbers that are not applied yet.
    package var pending: [Int] { entries.filter { $0.state == .pending }.map(\.number) }

    /// Why nothing may be applied: an altered file, or one that was added behind an applied one.
    package var objection: MigrationError? {
        guard let entry = entries.first(where: { $0.state == .altered || $0.state == .skipped }) else { return nil }
        let name = "migration \(entry.number) (\(entry.name))"
        return entry.state == .altered
            ? MigrationError(
                .altered, "", "\(name) was changed after it was applied; put the file back and add a new one")
            : MigrationError(.altered, "", "\(name) is not applied, but a later one is; give it a number behind that")
    }
}
