package import Avro

/// The record of `cache.invalidate` for a translation.
package enum CacheInvalidateRecord {
    /// The content of schemas/cache.invalidate.avsc; a test compares them.
    package static let schemaText = """
        {
          "type": "record",
          "name": "CacheInvalidate",
          "namespace": "gamification.v1",
          "doc": "A cached value is out of date. Its identity is its offset: it carries no event id.",
          "fields": [
            {
              "name": "key",
              "type": "string",
              "doc": "The cache key to drop; also the record's key."
            },
            {
              "name": "merchant_id",
              "type": {"type": "string", "logicalType": "uuid"},
              "doc": "The merchant (tenant) the customer belongs to."
            },
            {
              "name": "type",
              "type": "string",
              "doc": "What is cached: translation, badge or eligibility."
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
            }
          ]
        }

        """
    /// Translations belong to no merchant.
    private static let noMerchant = "00000000-0000-0000-0000-000000000000"

    /// The record's key: the cached name in its plain spelling.
    package static func key(_ group: TranslationGroup) -> [UInt8] { Array(group.cacheName.utf8) }

    /// The record's value, in Confluent's framing; `now` is milliseconds since 1970.
    /// - Parameter encoder: of the schema ``schemaText``, whose id in the registry is `schemaID`.
    package static func value(
        _ group: TranslationGroup, encoder: AvroEncoder, schemaID: Int32, now: Int64
    ) throws(AvroEncodingError) -> [UInt8] {
        var bytes: [UInt8] = []
        ConfluentFraming.appendHeader(schemaID: schemaID, to: &bytes)
        try encoder.encode(
            .record([
                .string(group.cacheName), .string(noMerchant), .string("translation"), .string(group.locale),
                .long(now),
            ]), into: &bytes)
        return bytes
    }
}
