/// A method of a server, made once for all calls of it.
package struct GRPCMethod: Sendable {
    let path: [UInt8]

    /// A method by its path, such as `/users.v1/GetCustomer`.
    package init(_ path: String) { self.path = Array(path.utf8) }
}
