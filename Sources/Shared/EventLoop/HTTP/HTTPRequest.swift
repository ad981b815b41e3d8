/// A request of HTTP/1.1 as a handler sees it.
package struct HTTPRequest: Sendable, Equatable {
    /// A field of the header; its name in lower case.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// One `name=value` of the query, both decoded.
    package struct QueryItem: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// Such as `GET`, as it was sent.
    package let method: String
    /// The path's segments, percent-decoded; none for `/`.
    package let path: [String]
    package let query: [QueryItem]
    package let fields: [Field]
    /// Empty unless the request has a content-length.
    package internal(set) var body: [UInt8] = []
    /// Whether the connection may be used for another request.
    let keepsAlive: Bool
    let contentLength: Int

    /// The first value of a field, whose name is in lower case; nil if there is none.
    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The first value of a query item; nil if there is none.
    package func queryItem(_ name: String) -> String? { query.first { $0.name == name }?.value }
}
