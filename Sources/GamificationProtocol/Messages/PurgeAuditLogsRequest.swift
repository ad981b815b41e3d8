import CGamificationProtocol

/// What `/gamification.v1/PurgeAuditLogs` takes.
package struct PurgeAuditLogsRequest: Sendable, Equatable {
    /// The merchant's id, a UUID.
    package var merchantID: String
    /// The caller's token: never to be logged.
    package var jwtToken: String

    /// A message of these parts; those that are left out are empty.
    package init(
        merchantID: String = "", jwtToken: String = ""
    ) {
        self.merchantID = merchantID
        self.jwtToken = jwtToken
    }

    init(_ native: Gamification__V1__PurgeAuditLogsRequest) {
        merchantID = text(native.merchant_id)
        jwtToken = text(native.jwt_token)
    }

    func native(_ arena: PackArena) -> Gamification__V1__PurgeAuditLogsRequest {
        var native = Gamification__V1__PurgeAuditLogsRequest()
        gamification__v1__purge_audit_logs_request__init(&native)
        native.merchant_id = arena.text(merchantID)
        native.jwt_token = arena.text(jwtToken)
        return native
    }
}

extension PurgeAuditLogsRequest: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__PurgeAuditLogsRequest()
        gamification__v1__purge_audit_logs_request__init(&empty)
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
