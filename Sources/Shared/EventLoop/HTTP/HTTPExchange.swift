/// A request that a handler has, and the way to answer it, now or later, on the loop's thread. An answer to a client that has
/// gone, or a second one, does nothing.
package final class HTTPExchange {
    /// What was asked.
    package let request: HTTPRequest
    /// What stands for the braces of the route, percent-decoded.
    package let parameters: [String: String]
    /// The route as it was given to the server, fit for a metric's label; nil where there is none.
    package let route: String?
    /// Where the client's connection comes from.
    package let peer: SocketAddress?

    private weak var connection: HTTPConnection?

    init(_ request: HTTPRequest, parameters: [String: String], route: String?, connection: HTTPConnection) {
        self.request = request
        self.parameters = parameters
        self.route = route
        self.connection = connection
        peer = connection.peer
    }

    /// Whether an answer still reaches the client.
    package var isOpen: Bool { connection?.current === self }

    /// Answers. Names and values of `fields` must be printable ASCII; length, date and connection are set here.
    package func respond(
        status: Int, contentType: String, fields: [(name: String, value: String)] = [], body: some Sequence<UInt8>
    ) {
        connection?.respond(self, status: status, contentType: contentType, fields: fields, body: Array(body))
    }

    /// Answers with a text, such as JSON.
    package func respond(status: Int, contentType: String, text: String) {
        respond(status: status, contentType: contentType, body: text.utf8)
    }
}
