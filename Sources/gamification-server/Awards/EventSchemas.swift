/// The schemas of the events that the server produces: the content of the files in schemas/; a test compares them.
enum EventSchemas {
    static let badgeAwarded = """
        {
          "type": "record",
          "name": "BadgeAwarded",
          "namespace": "gamification.v1",
          "doc": "A customer was awarded a badge. Read by points-, campaign- and admin-service.",
          "fields": [
            {
              "name": "event_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "Identity of the event; a second one with the same id is a repeat."
            },
            {
              "name": "merchant_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "The merchant (tenant) the customer belongs to."
            },
            {
              "name": "customer_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "The customer concerned; also the record's key."
            },
            {
              "name": "badge",
              "type": "string",
              "doc": "Key of the badge, byte for byte the key of its translations."
            },
            {
              "name": "schema_version",
              "type": "int",
              "doc": "Version of the award's fields, also part of the cached values."
            },
            {
              "name": "locale",
              "type": "string",
              "doc": "Language tag of the texts to show, such as en or pt-BR."
            },
            {
              "name": "created_at",
              "type": {"type": "long", "logicalType": "timestamp-millis"},
              "doc": "When the event arose."
            },
            {
              "name": "trace_id",
              "type": "string",
              "doc": "W3C trace id: 32 lower-case hexadecimal digits, so a plain string and not a uuid."
            }
          ]
        }

        """

    static let badgeTask = """
        {
          "type": "record",
          "name": "BadgeTask",
          "namespace": "gamification.v1",
          "doc": "Work that an award gives rise to. Read by event tracking.",
          "fields": [
            {
              "name": "event_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "Identity of the event; a second one with the same id is a repeat."
            },
            {
              "name": "merchant_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "The merchant (tenant) the customer belongs to."
            },
            {
              "name": "customer_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "The customer concerned; also the record's key."
            },
            {
              "name": "task_type",
              "type": "string",
              "doc": "What is to be done: badge_awarded_notification."
            },
            {
              "name": "locale",
              "type": "string",
              "doc": "Language tag of the texts to show, such as en or pt-BR."
            },
            {
              "name": "created_at",
              "type": {"type": "long", "logicalType": "timestamp-millis"},
              "doc": "When the event arose."
            },
            {
              "name": "trace_id",
              "type": "string",
              "doc": "W3C trace id: 32 lower-case hexadecimal digits, so a plain string and not a uuid."
            }
          ]
        }

        """

    static let auditLog = """
        {
          "type": "record",
          "name": "AuditLogPurge",
          "namespace": "gamification.v1",
          "doc": "A merchant's audit trail up to requested_at is to be deleted from the archive. Carries no token.",
          "fields": [
            {
              "name": "event_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "Identity of the event; a second one with the same id is a repeat."
            },
            {
              "name": "merchant_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "The merchant whose trail is deleted; also the record's key."
            },
            {
              "name": "requested_at",
              "type": {"type": "long", "logicalType": "timestamp-millis"},
              "doc": "The moment of the request: later entries stay."
            },
            {
              "name": "trace_id",
              "type": "string",
              "doc": "W3C trace id: 32 lower-case hexadecimal digits, so a plain string and not a uuid."
            }
          ]
        }

        """
}
