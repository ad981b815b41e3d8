/// librdkafka properties given with `-X name=value`, the environment or the configuration file.
///
/// Its description shows names and values, but `***` for those that hold secrets.
package struct KafkaProperties: Sendable, Equatable, CustomStringConvertible {
    /// Properties whose values are secret; on a command line every user of the machine could read them.
    package static let secretNames: Set<String> = [
        "sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password",
        "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config",
    ]

    /// One property.
    package struct Property: Sendable, Equatable {
        /// librdkafka's name for it.
        package let name: String
        /// The value to hand to librdkafka; never print it, print the collection.
        package let value: Secret
        /// Where it was set.
        package let origin: SettingOrigin
        /// Whether the value may be shown.
        package var isSecret: Bool { KafkaProperties.secretNames.contains(name) }
    }

    /// The properties, each name once, in order of first mention.
    package private(set) var properties: [Property] = []

    /// No properties.
    package init() {}

    /// The value of `name`, where it is given.
    package subscript(name: String) -> Secret? { properties.first { $0.name == name }?.value }

    /// Adds `property`; one of the same name is replaced, so add them by rising precedence.
    mutating func set(_ property: Property) {
        if let index = properties.firstIndex(where: { $0.name == property.name }) {
            properties[index] = property
        } else {
            properties.append(property)
        }
    }

    /// The properties on one line, secrets as stars.
    package var description: String {
        properties.map { "\($0.name)=\($0.isSecret ? "***" : PrintableText.escaped($0.value.reveal(), limit: 200))" }
            .joined(separator: " ")
    }
}

extension KafkaProperties {
    /// The most properties one run may set.
    package static let limit = 200

    /// What reading the properties brought.
    package struct Reading: Sendable {
        /// The properties that could be read.
        package let properties: KafkaProperties
        /// What is wrong.
        package let problems: [UsageProblem]
        /// What should be said although nothing is wrong.
        package let warnings: [String]
    }

    /// Reads `name=value` texts in rising precedence.
    ///
    /// A secret property on the command line must be `name=@FILE`; a configuration file may use `@FILE` too (a literal
    /// value that begins with @ doubles it there). `reserved` maps the properties that the program sets itself to the
    /// reason, and refuses them. Blocks on the file system where `@FILE` is used.
    package static func read(_ values: [SettingValue], reserved: [String: String] = [:]) -> Reading {
        var reader = KafkaPropertyReader(reserved: reserved)
        for value in values.prefix(limit) { reader.add(value) }
        if values.count > limit {
            reader.report(.flag, "\(values.count) properties are given; at most \(limit) are allowed")
        }
        return Reading(properties: reader.properties, problems: reader.problems, warnings: reader.warnings)
    }
}
