/// Bounds on a schema's text: a registry answers whatever somebody registered.
package struct AvroSchemaLimits: Sendable {
    /// Length of the text in UTF-8 bytes.
    package var textBytes: Int
    /// Nesting of the JSON text. A record inside a record's field takes three levels.
    package var jsonDepth: Int
    /// Types in all, those of references included; every use of a primitive counts as one.
    package var types: Int
    /// Values that all defaults together may hold once they are filled in from inner defaults.
    package var defaultItems: Int

    /// 1 MiB, 128 levels, 20,000 types, 65,536 default values.
    package static let standard = AvroSchemaLimits(
        textBytes: 1 << 20, jsonDepth: 128, types: 20_000, defaultItems: 65_536)

    /// Limits other than the standard ones.
    package init(textBytes: Int, jsonDepth: Int, types: Int, defaultItems: Int) {
        self.textBytes = textBytes
        self.jsonDepth = jsonDepth
        self.types = types
        self.defaultItems = defaultItems
    }
}

/// What to do with a field's default that is not valid for the field's type.
package enum AvroDefaultPolicy: Sendable {
    /// The schema is refused, as the specification asks.
    case validate
    /// The default is dropped. For schemas that are only read with as the writer's, whose defaults are never used:
    /// old ones in registries hold defaults that newer libraries refuse.
    case dropInvalid
}
