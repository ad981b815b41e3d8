import CommandLine
import Lifecycle
import Postgres
import ToolKit

/// The database's side of finishing intents: a session of its own, made anew where it was lost.
final class IntentStore {
    private let configuration: PostgresConfiguration
    private var session: PostgresSession?

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    private func connected() throws(PostgresError) -> PostgresSession {
        if let session { return session }
        let session = try PostgresSession(configuration)
        self.session = session
        return session
    }

    /// Runs `body` on the session; a session that fails for good is let go of.
    private func use<Value>(
        _ body: (PostgresSession) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let session = try connected()
        do throws(PostgresError) {
            return try body(session)
        } catch {
            if error.endsConnection { self.session = nil }
            throw error
        }
    }

    /// The newest `version|value` of every group.
    func newest(_ groups: [GroupKey]) throws(PostgresError) -> [CachedTranslation] {
        var parameters = PostgresParameters()
        parameters.add(groups.map(\.key))
        parameters.add(groups.map(\.locale))
        let values = parameters
        let rows = try use { session throws(PostgresError) in
            try session.query(Statements.newest, values, format: .binary)
        }
        var newest = [String?](repeating: nil, count: groups.count)
        for row in 0..<rows.rowCount {
            let number = Int(rows.binaryInteger(row, 0) ?? 0) - 1
            if newest.indices.contains(number) {
                newest[number] = "\(rows.text(row, 1) ?? "")|\(rows.text(row, 2) ?? "")"
            }
        }
        return zip(groups, newest).map { CachedTranslation(group: $0, newest: $1) }
    }

    /// The next intents above `id` and up to `last`, with the greatest id among them; nil where there are none.
    func intents(above id: Int64, upTo last: Int64, limit: Int) throws(PostgresError) -> (
        works: [IntentWork], last: Int64
    )? {
        var parameters = PostgresParameters()
        parameters.add(id)
        parameters.add(last)
        parameters.add(Int64(limit))
        let values = parameters
        let rows = try use { session throws(PostgresError) in
            try session.query(Statements.intents, values, format: .binary)
        }
        guard rows.rowCount > 0, let end = rows.binaryInteger(rows.rowCount - 1, 0) else { return nil }
        return (PruneDatabase.intents(rows), end)
    }

    /// Clears finished intents.
    func clear(_ works: [IntentWork]) throws(PostgresError) {
        var parameters = PostgresParameters()
        parameters.add(works.flatMap(\.ids))
        let values = parameters
        _ = try use { session throws(PostgresError) in try session.query(Statements.clearIntents, values) }
    }
}
