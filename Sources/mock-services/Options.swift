import CommandLine

/// What `mock-services` was asked to serve, validated.
struct Options {
    struct Topic {
        let name: String
        let partitions: Int
    }

    let topics: [Topic]
    let brokers: Int
    let registryPort: UInt16
    /// Path segments in front of the registry's API.
    let registryPath: [String]
    let faults: RegistryFaults
    let usersPort: UInt16
    let usersFaults: GRPCFaults
    let directory: CustomerDirectory
    let authPort: UInt16
    let authFaults: GRPCFaults
    let exitsWithParent: Bool

    init(_ reader: inout OptionReader) throws(UsageError) {
        topics = reader.list(Flags.topic) { text throws(ValueError) in
            guard let colon = text.lastIndex(of: ":") else {
                throw ValueError(text, isNot: "a topic with its partitions", give: "NAME:PARTITIONS")
            }
            let partitions = try ValueText.integer(String(text[text.index(after: colon)...]), in: 1...1_000)
            return Topic(name: try ValueText.topic(String(text[..<colon])), partitions: partitions)
        }
        brokers = reader.integer(Flags.brokers, in: 1...9)
        registryPort = UInt16(reader.integer(Flags.registryPort, in: 0...65_535))
        registryPath = reader.text(Flags.registryPath).split(separator: "/").map(String.init)
        faults = RegistryFaults(
            failFirst: reader.integer(Flags.failFirst, in: 0...1_000_000),
            delayMilliseconds: reader.integer(Flags.delay, in: 0...3_600_000))
        usersPort = UInt16(reader.integer(Flags.usersPort, in: 0...65_535))
        usersFaults = Self.faults(&reader, Flags.usersDelay, Flags.usersErrors, Flags.usersAway)
        authPort = UInt16(reader.integer(Flags.authPort, in: 0...65_535))
        authFaults = Self.faults(&reader, Flags.authDelay, Flags.authErrors, Flags.authAway)
        var directory = CustomerDirectory(language: reader.text(Flags.language, limit: 35))
        let customers = reader.list(Flags.customer) { text throws(ValueError) in
            guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
                throw ValueError(text, isNot: "a customer with a language", give: "ID:LANGUAGE")
            }
            return CustomerDirectory.Change(
                customer: String(text[..<colon]), language: String(text[text.index(after: colon)...]))
        }
        let strangers = reader.texts(Flags.unknownCustomer, limit: 128)
        for change in customers + strangers.map({ CustomerDirectory.Change(customer: $0, exists: false) }) {
            if !directory.apply(change) { reader.report(Flags.customer, "no id of a customer: \(change.customer)") }
        }
        self.directory = directory
        exitsWithParent = reader.toggle(Flags.exitWithParent)
        try reader.finish()
    }

    private static func faults(
        _ reader: inout OptionReader, _ delay: Flag, _ errors: Flag, _ away: Flag
    ) -> GRPCFaults {
        let ratio = reader.required(errors, placeholder: 0.0) { text throws(ValueError) in
            guard let ratio = Double(text), (0...1).contains(ratio) else {
                throw ValueError(text, isNot: "a share", give: "0 to 1, such as 0.05")
            }
            return ratio
        }
        return GRPCFaults(
            delayMilliseconds: reader.integer(delay, in: 0...3_600_000), errorRatio: ratio, isAway: reader.toggle(away))
    }
}
