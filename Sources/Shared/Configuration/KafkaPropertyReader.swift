/// The state of reading `-X` properties: see `KafkaProperties.read`.
struct KafkaPropertyReader {
    private let reserved: [String: String]
    private(set) var properties = KafkaProperties()
    private(set) var problems: [UsageProblem] = []
    private(set) var warnings: [String] = []
    private var namesOnCommandLine: Set<String> = []

    init(reserved: [String: String]) { self.reserved = reserved }

    mutating func add(_ setting: SettingValue) {
        guard let equals = setting.text.firstIndex(of: "="), equals != setting.text.startIndex else {
            // The text is not quoted: without its name it cannot be told whether it is a password.
            report(setting.origin, "a property is name=value, for example -X security.protocol=SSL")
            return
        }
        let name = String(setting.text[..<equals])
        let text = String(setting.text[setting.text.index(after: equals)...])
        guard name.utf8.count <= 100, name.utf8.allSatisfy(Self.isNameByte) else {
            report(
                setting.origin, "\(PrintableText.quoted(name)) is not a property name (letters, digits, dots, - and _)")
            return
        }
        if let reason = reserved[name] {
            report(setting.origin, "\(name) cannot be set: \(reason)")
            return
        }
        // Within a file or the environment no name can stand twice.
        if setting.origin == .flag, !namesOnCommandLine.insert(name).inserted {
            report(setting.origin, "\(name) is given twice; give it once")
            return
        }
        guard let value = value(of: name, text, setting.origin) else { return }
        properties.set(KafkaProperties.Property(name: name, value: value, origin: setting.origin))
    }

    mutating func report(_ origin: SettingOrigin, _ message: String) {
        let place =
            switch origin {
            case .flag, .standard: "-X"
            case .environment(let name): name
            case .file(let path, let line): "\(path):\(line)"
            }
        problems.append(UsageProblem(place, message))
    }

    private mutating func value(of name: String, _ text: String, _ origin: SettingOrigin) -> Secret? {
        guard KafkaProperties.secretNames.contains(name) else { return Secret(text) }
        switch origin {
        case .environment: return Secret(text)
        case .file where text.hasPrefix("@@"): return Secret(String(text.dropFirst()))
        case .file where !text.hasPrefix("@"): return Secret(text)
        default: break
        }
        guard text.hasPrefix("@"), text.utf8.count > 1 else {
            let variable = "KAFKA_X_" + name.uppercased().split(separator: ".").joined(separator: "_")
            report(
                origin,
                "\(name) is a secret, and every user of this machine can read a command line: give \(name)=@FILE, "
                    + "or \(variable) in the environment, or put it in the --config file")
            return nil
        }
        let path = String(text.dropFirst())
        do throws(BoundedFile.Failure) {
            let reading = try SecretFile.read(path)
            if let warning = reading.warning { warnings.append(warning) }
            return reading.secret
        } catch {
            report(origin, "\(name): the file \(PrintableText.quoted(path, limit: 200)) \(error.description)")
            return nil
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
