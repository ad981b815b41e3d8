import CLibPQ
import Lifecycle

extension PostgresConnection {
    /// Goes on with connecting. The first call may come with nothing ready; libpq wants to be asked only when it is.
    func connect(_ ready: DescriptorInterest) {
        guard case .connecting(let interest) = phase, !ready.isDisjoint(with: interest), let raw else { return }
        switch PQconnectPoll(raw) {
        case PGRES_POLLING_READING: phase = .connecting(.read)
        case PGRES_POLLING_WRITING: phase = .connecting(.write)
        case PGRES_POLLING_OK: begin(raw)
        default: fail(connectionError())
        }
    }

    private func begin(_ raw: OpaquePointer) {
        PQsetErrorVerbosity(raw, PQERRORS_DEFAULT)
        guard PQsetnonblocking(raw, 1) == 0, PQenterPipelineMode(raw) == 1 else {
            return fail(PostgresError(.other, "libpq refuses the pipeline mode"))
        }
        phase = .ready
        events.append(.connected)
    }

    /// Why connecting failed, from a message such as `connection to server at "h", port 5432 failed: FATAL:  28P01`.
    func connectionError() -> PostgresError {
        let line = PostgresError.line(raw.flatMap { PQerrorMessage($0) })
        let last = line.split(separator: " ").last ?? ""
        let target = line.split(separator: " failed: ").first.map(String.init) ?? line
        guard let state = SQLState(last), line.contains(":  \(state)") else {
            // libpq asks for a password that nobody gave.
            if let raw, PQconnectionNeedsPassword(raw) == 1 {
                return PostgresError(.authentication, "\(target): a password is needed and none was given")
            }
            return PostgresError(.unreachable, line)
        }
        let kind = PostgresError.kind(of: state)
        return PostgresError(kind, "\(target): \(Self.words(for: state))", sqlState: state)
    }

    private static func words(for state: SQLState) -> String {
        switch state {
        case .undefinedDatabase: return "there is no such database"
        case .cannotConnectNow: return "the server is starting up or shutting down"
        case .insufficientPrivilege: return "this user may not connect"
        default: break
        }
        switch state.classCode {
        case "28": return "user or password are refused"
        case "53": return "the server has no room for another connection"
        default: return "the server refuses the connection"
        }
    }

    /// What is under way can be cancelled by this, from any thread; nil when the connection is over.
    package func canceller() -> PostgresCanceller? { raw.flatMap { PostgresCanceller($0) } }

    /// Server, port and database as libpq has chosen them, for messages: `db at host:5432`.
    package var target: String {
        guard let raw else { return "" }
        func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
        return "\(text(PQdb(raw))) at \(text(PQhost(raw))):\(text(PQport(raw)))"
    }

    /// The server's version as libpq counts, for example 150018.
    package var serverVersion: Int { raw.map { Int(PQserverVersion($0)) } ?? 0 }
}
