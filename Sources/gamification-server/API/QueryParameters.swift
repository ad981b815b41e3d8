import EventLoop
import GRPC

/// The query of an HTTP request: names that a route knows, each once.
struct QueryParameters {
    private var values: [String: String] = [:]

    /// INVALID_ARGUMENT for a name that is unknown or given twice: a mistyped parameter must not mean the first page.
    init(_ request: HTTPRequest, known: [String]) throws(GRPCStatus) {
        for item in request.query {
            guard known.contains(item.name) else {
                throw GRPCStatus(.invalidArgument, "this path takes \(known.joined(separator: ", "))")
            }
            guard values.updateValue(item.value, forKey: item.name) == nil else {
                throw GRPCStatus(.invalidArgument, "\(item.name) is given twice")
            }
        }
    }

    subscript(name: String) -> String { values[name] ?? "" }

    /// A whole number; 0 where it is left out.
    func number(_ name: String) throws(GRPCStatus) -> Int32 {
        guard let text = values[name] else { return 0 }
        guard let number = Int32(text), number > 0 else {
            throw .badRequest(
                "\(name) must be a positive number", [.init(field: name, description: "must be a positive number")])
        }
        return number
    }
}
