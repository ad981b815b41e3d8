/// Where the value of a setting came from, in order of precedence.
package enum SettingOrigin: Sendable, Equatable {
    /// The command line.
    case flag
    /// The environment variable of this name.
    case environment(String)
    /// Line `line` (from 1) of the configuration file `path`.
    case file(path: String, line: Int)
    /// The default of the program's table.
    case standard

    /// How messages name the place of a value of `--name`: `--rate`, `KAFKA_BROKER (--bootstrap-servers)`,
    /// `ops.conf:12 (rate)`.
    package func place(of name: String) -> String {
        switch self {
        case .flag, .standard: "--\(name)"
        case .environment(let variable): "\(variable) (--\(name))"
        case .file(let path, let line): "\(path):\(line) (\(name))"
        }
    }
}
