import Postgres
import TestSupport

/// A database of the test's own on the shared server.
struct Database {
    let server: ScratchPostgres
    let name: String

    init(_ label: String = "test") async throws {
        server = try await ScratchPostgres.shared()
        name = try await server.createDatabase(label)
    }

    var configuration: PostgresConfiguration {
        get throws { try PostgresConfiguration(server.conninfo(database: name), applicationName: "PostgresTests") }
    }

    func session(_ patience: PostgresSession.Patience = .init()) throws -> PostgresSession {
        try PostgresSession(configuration, patience: patience)
    }
}

/// The error that `body` throws, nil if none.
func postgresError(_ body: () throws -> Void) -> PostgresError? {
    do {
        try body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension PostgresParameters {
    static func texts(_ texts: String?...) -> PostgresParameters {
        var parameters = PostgresParameters()
        for text in texts { parameters.add(text) }
        return parameters
    }
}
