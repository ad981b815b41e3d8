package import CommandLine
package import Postgres
package import ToolKit

extension ExitCode {
    /// The exit code that says of what kind the error is.
    package init(_ error: PostgresError) {
        switch error.kind {
        case .configuration: self = .usage
        case .authentication, .authorization: self = .notAuthorised
        case .unreachable, .connectionLost, .timedOut: self = .unreachable
        case .readOnly, .missingObject: self = .refused
        default: self = .failed
        }
    }
}

extension Refusal {
    /// An error of the database, or of its migrations, as exit code and sentence; any other as ToolKit has it.
    package init(postgres error: any Error) {
        switch error {
        case let error as PostgresError: self.init(ExitCode(error), "PostgreSQL: \(error)")
        case let error as MigrationError:
            let code: ExitCode =
                switch error.kind {
                case .badFile, .altered: .refused
                case .busy: .unreachable
                case .failed: error.cause.map { ExitCode($0) } ?? .failed
                }
            self.init(code, "\(error)")
        default: self.init(error)
        }
    }
}
