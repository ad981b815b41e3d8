import Postgres
import Translations

/// The row behind which the next page begins.
struct ReadCursor: Sendable, Equatable {
    var key: String
    var locale: String
    var order: String?
    var createdAt: Int64
    var id: PostgresUUID

    /// Before all groups of a selection.
    init(_ selection: Selection) {
        (key, locale, order, createdAt) = (selection.prefix, "", nil, 0)
        id = PostgresUUID(high: 0, low: 0)
    }

    /// Before all rows of a group.
    init(before group: TranslationGroup) {
        (key, locale, createdAt) = (group.key, group.locale, 0)
        // Above every version's order, which is ASCII.
        order = "\u{10FFFF}"
        id = PostgresUUID(high: 0, low: 0)
    }

    init(key: String, locale: String, order: String?, createdAt: Int64, id: PostgresUUID) {
        (self.key, self.locale, self.order, self.createdAt, self.id) = (key, locale, order, createdAt, id)
    }
}

/// A row as an archive keeps it.
struct ArchivedRow: Sendable, Equatable {
    let id: String
    let key: String
    let locale: String
    let version: String
    let value: String
    /// Milliseconds since 1970; the greatest and the least number are the database's infinity and -infinity.
    let createdAt: Int64

    /// From the server's times, which are microseconds since 2000.
    static func milliseconds(serverTime: Int64) -> Int64 {
        serverTime == .max || serverTime == .min ? serverTime : serverTime / 1_000 + 946_684_800_000
    }
}

/// Turns pages of rows, in the order of the index, into groups of which something goes.
struct PageReader {
    /// Rows of a page: the most, and with their content at first, whose size nobody knows yet.
    private static let rows = (most: 10_000, first: 250)
    /// What the values of a page should come to, bytes.
    private static let pageBytes = 4 << 20

    private let selection: Selection
    private let wantsContent: Bool
    private let rules: PruneRules
    private var cursor: ReadCursor
    private var judge: GroupJudge
    private var key: [UInt8] = []
    private var locale: [UInt8] = []
    private var finished = (rows: 0, unsemantic: 0)
    /// Rows of the next page.
    private(set) var limit: Int

    init(_ selection: Selection, rules: PruneRules, wantsContent: Bool) {
        self.selection = selection
        self.rules = rules
        self.wantsContent = wantsContent
        cursor = ReadCursor(selection)
        judge = GroupJudge(rules)
        limit = wantsContent ? Self.rows.first : Self.rows.most
    }

    /// Rows read, and those among them whose version is not semantic.
    var tally: (rows: Int, unsemantic: Int) {
        (finished.rows + judge.rows, finished.unsemantic + judge.unsemantic)
    }

    /// Goes back to before the group of which only a part was read.
    mutating func rereadGroup() {
        if let group = judge.group { restart(at: group) }
    }

    /// Goes back to before a group.
    mutating func restart(at group: TranslationGroup) {
        finished = tally
        judge = GroupJudge(rules)
        cursor = ReadCursor(before: group)
        (key, locale) = ([], [])
    }

    /// The values of `Statements.page` for the next page.
    var parameters: PostgresParameters {
        var parameters = PostgresParameters()
        parameters.add(cursor.key)
        parameters.add(cursor.locale)
        parameters.add(cursor.order)
        parameters.add(timestamp: cursor.createdAt)
        parameters.add(cursor.id)
        parameters.add(selection.locales)
        parameters.add(selection.like)
        parameters.add(selection.end)
        parameters.add(wantsContent)
        parameters.add(Int64(limit))
        return parameters
    }

    /// Takes the answer to the next page. `archive` gets every row that goes, where the content was wanted.
    mutating func take(
        _ page: PostgresResult, archive: (ArchivedRow) throws -> Void
    ) throws -> (groups: [GroupWork], isLast: Bool) {
        var groups: [GroupWork] = []
        for row in 0..<page.rowCount {
            if !isSameGroup(page, row) {
                if let work = judge.end() { groups.append(work) }
                begin(page, row)
            }
            if try judge.take(page, row), wantsContent { try archive(ArchivedRow(page, row)) }
        }
        let isLast = page.rowCount < limit
        if isLast {
            if let work = judge.end() { groups.append(work) }
        } else if let last = ReadCursor(page, page.rowCount - 1) {
            cursor = last
        }
        if wantsContent { adapt(to: page) }
        return (groups, isLast)
    }

    /// As many rows as such values allow, and at most four times as many as before: the next ones may be longer.
    private mutating func adapt(to page: PostgresResult) {
        let bytes = (0..<page.rowCount).reduce(0) { $0 + (page.withBytes($1, 8) { $0.count } ?? 0) }
        let fitting = Self.pageBytes / max(1, bytes / max(1, page.rowCount))
        limit = min(max(1, fitting), limit * 4, Self.rows.most)
    }

    private func isSameGroup(_ page: PostgresResult, _ row: Int) -> Bool {
        guard judge.group != nil else { return false }
        return page.withBytes(row, 2) { $0.elementsEqual(key) } == true
            && page.withBytes(row, 3) { $0.elementsEqual(locale) } == true
    }

    private mutating func begin(_ page: PostgresResult, _ row: Int) {
        key = page.withBytes(row, 2) { Array($0) } ?? []
        locale = page.withBytes(row, 3) { Array($0) } ?? []
        judge.begin(
            TranslationGroup(key: String(decoding: key, as: UTF8.self), locale: String(decoding: locale, as: UTF8.self))
        )
    }

    /// Judges groups that were read whole (`Statements.groups`). `archive` gets every row that goes, and what it was read
    /// as; nil where the content was not wanted.
    static func groups(
        _ result: PostgresResult, rules: PruneRules, archive: ((RowReference, ArchivedRow) throws -> Void)?
    ) throws -> [GroupWork] {
        var judge = GroupJudge(rules)
        var groups: [GroupWork] = []
        for row in 0..<result.rowCount {
            let group = TranslationGroup(key: result.text(row, 2) ?? "", locale: result.text(row, 3) ?? "")
            if group != judge.group {
                if let work = judge.end() { groups.append(work) }
                judge.begin(group)
            }
            if try judge.take(result, row), let archive {
                try archive(RowReference(result, row), ArchivedRow(result, row))
            }
        }
        if let work = judge.end() { groups.append(work) }
        return groups
    }
}

extension GroupJudge {
    /// Takes a row of a page.
    fileprivate mutating func take(_ page: PostgresResult, _ row: Int) throws -> Bool {
        guard let createdAt = page.binaryInteger(row, 4) else {
            throw PostgresError(.other, "a row came without its time")
        }
        return take(try RowReference(page, row), isSemantic: !page.isNull(row, 6), createdAt: createdAt)
    }
}

extension RowReference {
    /// The row's place and writer.
    fileprivate init(_ page: PostgresResult, _ row: Int) throws {
        guard let place = page.binaryPlace(row, 0), let writer = page.binaryInteger(row, 1) else {
            throw PostgresError(.other, "a row came without its place or writer")
        }
        self.init(place: place, writer: UInt32(truncatingIfNeeded: writer))
    }
}

extension ReadCursor {
    fileprivate init?(_ page: PostgresResult, _ row: Int) {
        guard let createdAt = page.binaryInteger(row, 4), let id = page.binaryUUID(row, 5) else { return nil }
        self.init(
            key: page.text(row, 2) ?? "", locale: page.text(row, 3) ?? "", order: page.text(row, 6),
            createdAt: createdAt, id: id)
    }
}

extension ArchivedRow {
    fileprivate init(_ page: PostgresResult, _ row: Int) {
        id = page.binaryUUID(row, 5)?.description ?? ""
        key = page.text(row, 2) ?? ""
        locale = page.text(row, 3) ?? ""
        version = page.text(row, 7) ?? ""
        value = page.text(row, 8) ?? ""
        createdAt = Self.milliseconds(serverTime: page.binaryInteger(row, 4) ?? 0)
    }
}
