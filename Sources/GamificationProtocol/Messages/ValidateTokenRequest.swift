import CGamificationProtocol

/// What `/auth.v1/ValidateToken` takes.
package struct ValidateTokenRequest: Sendable, Equatable {
    /// The caller's token: never to be logged.
    package var jwtToken: String

    /// A message of these parts; those that are left out are empty.
    package init(
        jwtToken: String = ""
    ) {
        self.jwtToken = jwtToken
    }

    init(_ native: Auth__V1__ValidateTokenRequest) {
        jwtToken = text(native.jwt_token)
    }

    func native(_ arena: PackArena) -> Auth__V1__ValidateTokenRequest {
        var native = Auth__V1__ValidateTokenRequest()
        auth__v1__validate_token_request__init(&native)
        native.jwt_token = arena.text(jwtToken)
        return native
    }
}

extension ValidateTokenRequest: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Auth__V1__ValidateTokenRequest()
        auth__v1__validate_token_request__init(&empty)
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
