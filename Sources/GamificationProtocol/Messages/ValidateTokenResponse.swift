import CGamificationProtocol

/// What `/auth.v1/ValidateToken` answers.
package struct ValidateTokenResponse: Sendable, Equatable {
    /// The merchant's id, a UUID.
    package var merchantID: String
    /// What the token allows.
    package var scopes: [String]
    /// The token's own id.
    package var jti: String
    /// When it ends; nil where that was not said.
    package var expiresAt: ProtocolTimestamp?

    /// A message of these parts; those that are left out are empty.
    package init(
        merchantID: String = "", scopes: [String] = [], jti: String = "", expiresAt: ProtocolTimestamp? = nil
    ) {
        self.merchantID = merchantID
        self.scopes = scopes
        self.jti = jti
        self.expiresAt = expiresAt
    }

    init(_ native: Auth__V1__ValidateTokenResponse) {
        merchantID = text(native.merchant_id)
        scopes = (0..<native.n_scopes).map { text(native.scopes[$0]) }
        jti = text(native.jti)
        expiresAt = timestamp(native.expires_at)
    }

    func native(_ arena: PackArena) -> Auth__V1__ValidateTokenResponse {
        var native = Auth__V1__ValidateTokenResponse()
        auth__v1__validate_token_response__init(&native)
        native.merchant_id = arena.text(merchantID)
        native.scopes = arena.list(scopes.map(arena.text))
        native.n_scopes = scopes.count
        native.jti = arena.text(jti)
        native.expires_at = arena.timestamp(expiresAt)
        return native
    }
}

extension ValidateTokenResponse: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Auth__V1__ValidateTokenResponse()
        auth__v1__validate_token_response__init(&empty)
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
