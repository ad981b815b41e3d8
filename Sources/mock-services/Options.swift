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
        exitsWithParent = reader.toggle(Flags.exitWithParent)
        try reader.finish()
    }
}
