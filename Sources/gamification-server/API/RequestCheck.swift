import GRPC
import Postgres

/// Checks the fields of a request, and gathers everything that is wrong with them.
struct RequestCheck {
    private(set) var violations: [GRPCStatusDetail.FieldViolation] = []

    /// Notes what is wrong with a field.
    mutating func report(_ field: String, _ reason: String) {
        violations.append(.init(field: field, description: reason))
    }

    /// An id; nil after a mistake.
    mutating func id(_ field: String, _ text: String) -> PostgresUUID? {
        if let id = PostgresUUID(text) { return id }
        report(field, text.isEmpty ? "is needed" : "must be a UUID")
        return nil
    }

    /// An id that may be left out.
    mutating func optionalID(_ field: String, _ text: String) -> PostgresUUID? { text.isEmpty ? nil : id(field, text) }

    /// Entries of a page: 50 unless more or less are wanted, 100 at most.
    mutating func pageSize(_ size: Int32) -> Int {
        if size < 0 { report("page_size", "must not be negative") }
        return size <= 0 ? PageSize.standard : min(Int(size), PageSize.limit)
    }

    /// INVALID_ARGUMENT with all mistakes; nil if there are none.
    var refusal: GRPCStatus? {
        guard let first = violations.first else { return nil }
        let more = violations.count > 1 ? " (and \(violations.count - 1) more)" : ""
        return .badRequest("\(first.field) \(first.description)\(more)", violations)
    }
}

/// Entries of a page.
enum PageSize {
    static let standard = 50
    static let limit = 100
}
