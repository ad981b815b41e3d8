import CGamificationProtocol

/// What `/users.v1/GetCustomer` answers.
package struct GetCustomerResponse: Sendable, Equatable {
    /// The customer's address: never to be logged.
    package var email: String
    /// The points that the customer has.
    package var pointsBalance: Int64
    /// The language that the customer prefers.
    package var language: String

    /// A message of these parts; those that are left out are empty.
    package init(
        email: String = "", pointsBalance: Int64 = 0, language: String = ""
    ) {
        self.email = email
        self.pointsBalance = pointsBalance
        self.language = language
    }

    init(_ native: Users__V1__GetCustomerResponse) {
        email = text(native.email)
        pointsBalance = native.points_balance
        language = text(native.language)
    }

    func native(_ arena: PackArena) -> Users__V1__GetCustomerResponse {
        var native = Users__V1__GetCustomerResponse()
        users__v1__get_customer_response__init(&native)
        native.email = arena.text(email)
        native.points_balance = pointsBalance
        native.language = arena.text(language)
        return native
    }
}

extension GetCustomerResponse: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Users__V1__GetCustomerResponse()
        users__v1__get_customer_response__init(&empty)
        self = try unpack(bytes, like: empty, empty.base.descriptor) { Self($0) }
    }

    /// Writes the message.
    package func encode<Result>(
        _ body: (_ byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Result
    ) -> Result {
        let arena = PackArena()
        return withExtendedLifetime(arena) { pack(native(arena), body) }
    }
}
