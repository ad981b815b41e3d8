/// Applies the precedence flag, environment, configuration file, default.
package struct SettingResolver: Sendable {
    private let flags: [String: [String]]
    private let environment: Environment
    private let file: ConfigFile?

    /// A resolver over the values given as flags (by long name), an environment and, where there is one, a file.
    package init(flags: [String: [String]], environment: Environment, file: ConfigFile?) {
        self.flags = flags
        self.environment = environment
        self.file = file
    }

    /// The values of `setting` in the order they were given, each with its origin; empty when none was given and
    /// there is no default.
    ///
    /// For pairs the values of all origins are returned as `name=value`, those of highest precedence last.
    package func values(of setting: SettingSpec) -> [SettingValue] {
        if setting.arity == .pairs {
            return fromFile(setting) + pairsFromEnvironment(setting) + fromFlags(setting)
        }
        let given = fromFlags(setting)
        if !given.isEmpty { return given }
        if let name = setting.environment, let text = environment[name] {
            let parts = setting.arity == .repeatable ? Self.list(text) : [text]
            if !parts.isEmpty { return parts.map { SettingValue($0, .environment(name)) } }
        }
        let configured = fromFile(setting)
        if !configured.isEmpty { return configured }
        return setting.standard.map { [SettingValue($0, .standard)] } ?? []
    }

    private func fromFlags(_ setting: SettingSpec) -> [SettingValue] {
        (flags[setting.name] ?? []).map { SettingValue($0, .flag) }
    }

    private func fromFile(_ setting: SettingSpec) -> [SettingValue] {
        guard setting.isInFile, let file else { return [] }
        return file.entries.filter { $0.key == setting.name }
            .map { SettingValue($0.value, .file(path: file.path, line: $0.line)) }
    }

    private func pairsFromEnvironment(_ setting: SettingSpec) -> [SettingValue] {
        guard let prefix = setting.environment else { return [] }
        return environment.variables(withPrefix: prefix).compactMap { name, value in
            let suffix = name.dropFirst(prefix.count)
            guard !suffix.isEmpty else { return nil }
            let property = suffix.lowercased().map { $0 == "_" ? "." : $0 }
            return SettingValue("\(String(property))=\(value)", .environment(name))
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        .filter { !$0.isEmpty }
    }
}
