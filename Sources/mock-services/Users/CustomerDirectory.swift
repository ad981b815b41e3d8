import GRPC
import GamificationProtocol

/// Who is a customer of users-service: everybody, except those who are said not to be. Pure state.
struct CustomerDirectory {
    /// Bounds the process: customers that something was said about.
    static let countLimit = 1_000_000

    /// What was said about a customer.
    struct Entry {
        var language: String
        var points: Int64
        var exists: Bool
    }

    /// A change at run time; what is left out stays.
    struct Change: Decodable {
        let customer: String
        let language: String?
        let points: Int64?
        let exists: Bool?

        init(customer: String, language: String? = nil, points: Int64? = nil, exists: Bool? = nil) {
            self.customer = customer
            self.language = language
            self.points = points
            self.exists = exists
        }
    }

    /// The language of customers of whom nothing was said.
    let language: String
    private var entries: [String: Entry] = [:]

    init(language: String = "en") { self.language = language }

    /// False, and nothing changed, if the directory is full or the id none.
    mutating func apply(_ change: Change) -> Bool {
        let id = change.customer.lowercased()
        guard (1...128).contains(id.utf8.count), entries[id] != nil || entries.count < Self.countLimit else {
            return false
        }
        var entry = entries[id] ?? Entry(language: language, points: 0, exists: true)
        entry.language = change.language ?? entry.language
        entry.points = change.points ?? entry.points
        entry.exists = change.exists ?? entry.exists
        entries[id] = entry
        return true
    }

    /// `/users.v1/GetCustomer`.
    func answer(_ request: GetCustomerRequest) -> Result<GetCustomerResponse, GRPCStatus> {
        guard !request.customerID.isEmpty, !request.merchantID.isEmpty else {
            return .failure(GRPCStatus(.invalidArgument, "customer_id and merchant_id are needed"))
        }
        let entry = entries.isEmpty ? nil : entries[request.customerID.lowercased()]
        guard entry?.exists ?? true else { return .failure(GRPCStatus(.notFound, "no such customer")) }
        return .success(
            GetCustomerResponse(
                email: "\(request.customerID)@customers.example", pointsBalance: entry?.points ?? 0,
                language: entry?.language ?? language))
    }
}
