import CommandLine
import Postgres
import Translations

/// The database's side of finishing intents: a session of its own, made anew where it was lost.
final class IntentStore {
    private let configuration: PostgresConfiguration
    private var session: PostgresSession?

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// The answer to a query of a sweep.
    func query(_ query: IntentQuery) throws(PostgresError) -> PostgresResult {
        let session = try connected()
        do throws(PostgresError) {
            return try session.query(query.statement, query.parameters, format: .binary)
        } catch {
            if error.endsConnection { self.session = nil }
            throw error
        }
    }

    private func connected() throws(PostgresError) -> PostgresSession {
        if let session { return session }
        let session = try PostgresSession(configuration)
        self.session = session
        return session
    }
}
