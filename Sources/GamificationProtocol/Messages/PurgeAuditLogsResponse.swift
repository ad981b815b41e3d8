import CGamificationProtocol

/// What `/gamification.v1/PurgeAuditLogs` answers.
package struct PurgeAuditLogsResponse: Sendable, Equatable {
    /// How it came out.
    package enum Status: UInt32, Sendable {
        case unspecified = 0
        case purged = 1
    }

    /// How it ended.
    package var status: Status
    /// How many records were purged.
    package var purged: Int64
    /// The id of the event that says so.
    package var eventID: String

    /// A message of these parts; those that are left out are empty.
    package init(
        status: Status = .unspecified, purged: Int64 = 0, eventID: String = ""
    ) {
        self.status = status
        self.purged = purged
        self.eventID = eventID
    }

    init(_ native: Gamification__V1__PurgeAuditLogsResponse) {
        // A value of a later version is not known here.
        status = Status(rawValue: native.status.rawValue) ?? .unspecified
        purged = native.purged
        eventID = text(native.event_id)
    }

    func native(_ arena: PackArena) -> Gamification__V1__PurgeAuditLogsResponse {
        var native = Gamification__V1__PurgeAuditLogsResponse()
        gamification__v1__purge_audit_logs_response__init(&native)
        native.status = Gamification__V1__PurgeAuditLogsResponse__Status(rawValue: status.rawValue)
        native.purged = purged
        native.event_id = arena.text(eventID)
        return native
    }
}

extension PurgeAuditLogsResponse: ProtocolMessage {
    /// Reads the message, and checks its text.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(ProtocolFault) {
        var empty = Gamification__V1__PurgeAuditLogsResponse()
        gamification__v1__purge_audit_logs_response__init(&empty)
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
