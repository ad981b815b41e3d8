import Configuration

/// Readers for the types that options of these programs have. The variants that return no optional treat an absent
/// value as a mistake, so use them for flags with a default or that are needed.
extension OptionReader {
    /// Whether a toggle is on: flag, environment or file say so.
    package mutating func toggle(_ flag: Flag) -> Bool {
        optional(flag) { text throws(ValueError) in
            guard let value = Toggle.value(text) else {
                throw ValueError(text, isNot: "yes or no", give: "true or false")
            }
            return value
        } ?? false
    }

    /// A whole number in `range`.
    package mutating func integer(_ flag: Flag, in range: ClosedRange<Int>) -> Int {
        required(flag, placeholder: range.lowerBound) { text throws(ValueError) in
            try ValueText.integer(text, in: range)
        }
    }

    /// A whole number in `range`, nil if absent.
    package mutating func optionalInteger(_ flag: Flag, in range: ClosedRange<Int>) -> Int? {
        optional(flag) { text throws(ValueError) in try ValueText.integer(text, in: range) }
    }

    /// `N` records a second, or `max`.
    package mutating func rate(_ flag: Flag, in range: ClosedRange<Int> = Rate.range) -> Rate {
        required(flag, placeholder: .unlimited) { text throws(ValueError) in try Rate(text, in: range) }
    }

    /// A size in bytes, as `64KiB`.
    package mutating func size(_ flag: Flag, in range: ClosedRange<Int>) -> Int {
        required(flag, placeholder: range.lowerBound) { text throws(ValueError) in
            try ValueText.size(text, in: range)
        }
    }

    /// A length of time, as `90d` or `1h30m`.
    package mutating func duration(_ flag: Flag, in range: ClosedRange<Duration>) -> Duration {
        required(flag, placeholder: range.lowerBound) { text throws(ValueError) in
            try DurationText.parse(text, in: range)
        }
    }

    /// A length of time, nil if absent.
    package mutating func optionalDuration(_ flag: Flag, in range: ClosedRange<Duration>) -> Duration? {
        optional(flag) { text throws(ValueError) in try DurationText.parse(text, in: range) }
    }

    /// A point in time in RFC 3339 with its zone, or before `start` as `-2h`; nil if absent.
    package mutating func time(_ flag: Flag, relativeTo start: TimePoint) -> TimePoint? {
        optional(flag) { text throws(ValueError) in try TimePoint(text, relativeTo: start) }
    }

    /// One of the flag's choices, converted to the enumeration whose raw values they are.
    package mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ flag: Flag, as type: Value.Type, placeholder: Value
    ) -> Value where Value.RawValue == String {
        required(flag, placeholder: placeholder) { text throws(ValueError) in
            try ValueText.choice(text, as: type)
        }
    }

    /// Every value of a repeatable flag as a member of an enumeration.
    package mutating func choices<Value: RawRepresentable & CaseIterable>(_ flag: Flag, as type: Value.Type) -> [Value]
    where Value.RawValue == String {
        list(flag) { text throws(ValueError) in try ValueText.choice(text, as: type) }
    }

    /// Free text of at most `limit` bytes without control characters; empty only after a mistake.
    package mutating func text(_ flag: Flag, limit: Int = 1_024) -> String {
        required(flag, placeholder: "") { text throws(ValueError) in try ValueText.text(text, limit: limit) }
    }

    /// Free text, nil if absent.
    package mutating func optionalText(_ flag: Flag, limit: Int = 1_024) -> String? {
        optional(flag) { text throws(ValueError) in try ValueText.text(text, limit: limit) }
    }

    /// The values of a repeatable flag as free text.
    package mutating func texts(_ flag: Flag, limit: Int = 1_024) -> [String] {
        list(flag) { text throws(ValueError) in try ValueText.text(text, limit: limit) }
    }

    /// The name of a topic.
    package mutating func topic(_ flag: Flag) -> String {
        required(flag, placeholder: "") { text throws(ValueError) in try ValueText.topic(text) }
    }

    /// The name of a consumer group or a run, which may not hold a `/` (it separates the parts of progress keys).
    package mutating func name(_ flag: Flag) -> String {
        required(flag, placeholder: "") { text throws(ValueError) in try ValueText.name(text) }
    }

    /// The name of a consumer group or a run, nil if absent.
    package mutating func optionalName(_ flag: Flag) -> String? {
        optional(flag) { text throws(ValueError) in try ValueText.name(text) }
    }

    /// The values of a repeatable flag as patterns with `*` and `?`.
    package mutating func globs(_ flag: Flag) -> [Glob] {
        list(flag) { text throws(ValueError) in try Glob(text) }
    }

    /// A list of servers separated by commas, at least one.
    package mutating func hostPorts(_ flag: Flag, defaultPort: Int? = nil) -> [HostPort] {
        required(flag, placeholder: []) { text throws(ValueError) in
            try HostPort.list(text, defaultPort: defaultPort)
        }
    }

    /// A file name, nil if absent. Whether the file exists is not asked.
    package mutating func optionalPath(_ flag: Flag) -> String? {
        optional(flag) { text throws(ValueError) in
            guard text.utf8.count <= 4_096 else { throw ValueError("the file name is longer than 4,096 bytes") }
            return text
        }
    }

    /// The positional argument `index` converted; nil after a mistake or if it is absent.
    package mutating func positional<Value>(
        _ index: Int, _ convert: (String) throws(ValueError) -> Value
    ) -> Value? {
        guard positionals.indices.contains(index) else { return nil }
        do throws(ValueError) {
            return try convert(positionals[index])
        } catch {
            let placeholder = command.positionals[min(index, command.positionals.count - 1)].placeholder
            report(placeholder, error.description)
            return nil
        }
    }
}
