/// A request of HTTP/1.1 as a handler sees it.
package struct HTTPRequest: Sendable, Equatable {
    /// A field of the header; its name in lower case.
    package struct Field: Sendable, Equatable {
        /// In lower case.
        package let name: String
        /// Without the blanks around it.
        package let value: String
    }

    /// One `name=value` of the query, both decoded.
    package struct QueryItem: Sendable, Equatable {
        /// What stands before the first `=`.
        package let name: String
        /// What stands behind it; empty where there is none.
        package let value: String
    }

    /// Such as `GET`, as it was sent.
    package let method: String
    /// The path's segments, percent-decoded; none for `/`.
    package let path: [String]
    /// In the order of the URL; names may repeat.
    package let query: [QueryItem]
    /// In the order received; names may repeat.
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
