import FoundationEssentials

/// The environment variables a program was started with; tests give their own.
package struct Environment: Sendable {
    private let variables: [String: String]

    /// An environment of these variables.
    package init(_ variables: [String: String]) { self.variables = variables }

    /// The environment of this process.
    package static func process() -> Environment { Environment(ProcessInfo.processInfo.environment) }

    /// The value of `name`; an empty one counts as not set, as is usual for container platforms.
    package subscript(name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// All variables that begin with `prefix`, sorted by name.
    package func variables(withPrefix prefix: String) -> [(name: String, value: String)] {
        variables.filter { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
            .map { (name: $0.key, value: $0.value) }
            .sorted { $0.name < $1.name }
    }
}
