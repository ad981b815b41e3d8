/// What a program's table says of one setting, as far as its value's origin is concerned.
package struct SettingSpec: Sendable {
    /// How many values a setting takes and how they combine.
    package enum Arity: Sendable, Equatable {
        /// One value: the origin of highest precedence that has it wins.
        case single
        /// Any number: the highest origin that has some wins with all of its own; an environment variable separates
        /// them by commas.
        case repeatable
        /// `name=value` pairs: all origins are joined, for one name the highest wins; the environment holds one
        /// variable a name, the setting's variable being their prefix (`KAFKA_X_SASL_PASSWORD` is `sasl.password`).
        case pairs
    }

    /// The long flag without dashes, which is also the configuration file's key.
    package let name: String
    /// The environment variable, or for pairs the prefix of variables.
    package let environment: String?
    /// Whether a configuration file may set it.
    package let isInFile: Bool
    /// How many values it may have.
    package let arity: Arity
    /// The default, in the form in which a user would type it.
    package let standard: String?

    /// A specification of these parts.
    package init(name: String, environment: String?, isInFile: Bool, arity: Arity, standard: String?) {
        self.name = name
        self.environment = environment
        self.isInFile = isInFile
        self.arity = arity
        self.standard = standard
    }
}

/// One value of a setting with its origin.
package struct SettingValue: Sendable, Equatable {
    /// The value as it was written.
    package let text: String
    /// Where the value stands.
    package let origin: SettingOrigin

    /// A value of this text and origin.
    package init(_ text: String, _ origin: SettingOrigin) {
        self.text = text
        self.origin = origin
    }
}
