import CGamificationProtocol

/// What `/users.v1/GetCustomer` takes.
package struct GetCustomerRequest: Sendable, Equatable {
    /// The customer's id, a UUID.
    package var customerID: String
    /// The merchant's id, a UUID.
    package var merchantID: String

    /// A message of these parts; those that are left out are empty.
    package init(
        customerID: String = "", merchantID: String = ""
    ) {
        self.customerID = customerID
        self.merchantID = merchantID
    }

    init(_ native: Users__V1__GetCustomerRequest) {
        customerID = text(native.customer_id)
        merchantID = text(native.merchant_id)
    }

    func native(_ arena: PackArena) -> Users__V1__GetCustomerRequest {
        var native = Users__V1__GetCustomerRequest()
        users__v1__get_customer_request__init(&native)
        native.customer_id = arena.text(customerID)
        native.merchant_id = arena.text(merchantID)
        return native
    }
}

extension GetCustomerRequest: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Users__V1__GetCustomerRequest()
        users__v1__get_customer_request__init(&empty)
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
