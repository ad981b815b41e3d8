import CLibPQ

extension PostgresError {
    /// What a result of status PGRES_FATAL_ERROR says.
    init(result: borrowing ResultHandle) {
        func field(_ code: Int32) -> String? {
            guard let text = PQresultErrorField(result.raw, code) else { return nil }
            return String(cString: text)
        }
        guard let state = field(clibpq_field_sqlstate()).flatMap({ SQLState($0) }) else {
            // Errors of libpq's own have no fields: the connection broke, or the protocol did.
            self.init(.connectionLost, PostgresError.line(PQresultErrorMessage(result.raw)))
            return
        }
        self.init(PostgresError.kind(of: state), "", sqlState: state)
        constraint = field(clibpq_field_constraint())
        table = field(clibpq_field_table())
        column = field(clibpq_field_column())
        position = field(clibpq_field_position()).flatMap { Int($0) }
        reason = PostgresError.words(for: state) ?? PostgresError.bounded(field(clibpq_field_message()) ?? "it failed")
    }

    /// The class of a condition.
    static func kind(of state: SQLState) -> Kind {
        switch state {
        case .lockNotAvailable: return .lockNotAvailable
        case .queryCanceled: return .cancelled
        case .readOnlyTransaction: return .readOnly
        case .insufficientPrivilege: return .authorization
        case .undefinedTable, .undefinedColumn, .undefinedFunction, .undefinedDatabase: return .missingObject
        default: break
        }
        switch state.classCode {
        case "08": return .connectionLost
        case "22": return .invalidData
        case "23": return .constraint
        case "28": return .authentication
        case "40": return .conflict
        case "53": return .resources
        case "57": return state == .cannotConnectNow ? .unreachable : .connectionLost
        default: return .other
        }
    }

    /// Words of our own for the classes whose messages quote values.
    private static func words(for state: SQLState) -> String? {
        switch state.classCode {
        case "22": "a value does not fit its type"
        case "23":
            switch state {
            case .uniqueViolation: "such a row is there already"
            case .checkViolation: "a value is not allowed"
            default: "a constraint is violated"
            }
        default: nil
        }
    }

    /// The first line of a message of libpq, bounded.
    static func line(_ text: UnsafePointer<CChar>?) -> String {
        let whole = text.map { String(cString: $0) } ?? ""
        let first = whole.split(separator: "\n").first.map(String.init) ?? "the connection failed without a reason"
        return bounded(first)
    }

    /// At most 300 characters, without control characters.
    static func bounded(_ text: String) -> String {
        let kept = text.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        return String(String.UnicodeScalarView(kept))
    }
}
