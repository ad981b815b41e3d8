import Configuration
import JSON
import Postgres

/// Reads the file of badge rules (`docs/badge-rules.md`) and finds every mistake in it.
struct BadgeRulesFile {
    /// One mistake: where it is, and what would be right.
    struct Mistake: Equatable, Sendable, CustomStringConvertible {
        /// A path such as `rules[2].when.total_points`, or `line 7`.
        let place: String
        let reason: String

        var description: String { "\(place): \(reason)" }
    }

    /// Why a file gives no rules.
    struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// All of them, at most ``BadgeRulesFile/mistakeLimit``, in the file's order.
        let mistakes: [Mistake]

        var description: String { mistakes.map(\.description).joined(separator: "\n") }
    }

    /// The longest file, in bytes.
    static let byteLimit = 8 << 20
    /// The most merchants with rules of their own.
    static let merchantLimit = 20_000
    static let mistakeLimit = 100
    private static let depth = 8

    private var mistakes: [Mistake] = []

    /// The rules that `text` holds.
    /// - Throws: every mistake, where there is any; then none of the rules count.
    static func read(_ text: String) throws(Failure) -> BadgeRules {
        guard text.utf8.count <= byteLimit else {
            throw Failure(mistakes: [Mistake(place: "file", reason: "is longer than \(byteLimit) bytes")])
        }
        let tree: JSONTree
        do throws(JSONReader.Failure) {
            tree = try JSONReader.read(text, maximumDepth: depth)
        } catch {
            let line = text.utf8.prefix(error.offset).count { $0 == UInt8(ascii: "\n") } + 1
            throw Failure(mistakes: [Mistake(place: "line \(line)", reason: "is no JSON: \(error.reason)")])
        }
        var file = BadgeRulesFile()
        let rules = file.rules(tree)
        guard file.mistakes.isEmpty else { throw Failure(mistakes: file.mistakes) }
        return rules
    }

    private mutating func rules(_ tree: JSONTree) -> BadgeRules {
        let members = object(tree, at: "file", knowing: ["version", "rules", "merchants"])
        switch members["version"] {
        case nil: note("version", "is missing; it is 1")
        case .some(let version) where version.integer != 1: note("version", "must be the number 1")
        default: break
        }
        if members["rules"] == nil { note("rules", "is missing; an empty list says that there are none") }
        let standard = list(members["rules"], at: "rules")
        var merchants: [PostgresUUID: [BadgeRule]] = [:]
        let overrides = members["merchants"].map { entries($0, at: "merchants") } ?? []
        if overrides.count > Self.merchantLimit {
            note("merchants", "has more than \(Self.merchantLimit) members")
        }
        for (name, value) in overrides.prefix(Self.merchantLimit) {
            let place = "merchants.\(PrintableText.escaped(name, limit: 60))"
            guard let id = PostgresUUID(name) else {
                note(place, "is no merchant's id: a UUID such as 6f1c3f0a-5b1e-4a53-9d0c-3a4c1f1f2b7e")
                continue
            }
            let own = override(value, of: standard, at: place)
            if merchants.updateValue(own, forKey: id) != nil { note(place, "is there twice, spelled differently") }
        }
        return BadgeRules(standard: standard, merchants: merchants)
    }

    /// A merchant's rules: the standard ones, unless `inherit` is false, without those named, and with its own, which
    /// take the place of standard ones for the same badge.
    private mutating func override(_ tree: JSONTree, of standard: [BadgeRule], at place: String) -> [BadgeRule] {
        let members = object(tree, at: place, knowing: ["inherit", "without", "rules"])
        var rules = standard
        switch members["inherit"] {
        case nil, .boolean(true): break
        case .boolean(false): rules = []
        default: note("\(place).inherit", "must be true or false")
        }
        if let without = members["without"] {
            for (index, badge) in elements(without, at: "\(place).without").enumerated() {
                guard let badge = badge.text, rules.contains(where: { $0.isFor(badge) }) else {
                    note("\(place).without[\(index)]", "names no badge that the merchant would have")
                    continue
                }
                rules.removeAll { $0.isFor(badge) }
            }
        }
        for rule in list(members["rules"], at: "\(place).rules") {
            if let index = rules.firstIndex(where: { $0.isFor(rule.badge) }) {
                rules[index] = rule
            } else {
                rules.append(rule)
            }
        }
        if rules.count > BadgeRules.limit { note(place, "comes to more than \(BadgeRules.limit) rules") }
        return rules
    }

    private mutating func list(_ tree: JSONTree?, at place: String) -> [BadgeRule] {
        guard let tree else { return [] }
        var rules: [BadgeRule] = []
        let elements = elements(tree, at: place)
        if elements.count > BadgeRules.limit { note(place, "has more than \(BadgeRules.limit) rules") }
        for (index, element) in elements.prefix(BadgeRules.limit).enumerated() {
            guard let rule = rule(element, at: "\(place)[\(index)]") else { continue }
            if rules.contains(where: { $0.isFor(rule.badge) }) {
                note("\(place)[\(index)].badge", "has a rule in this list already")
            }
            rules.append(rule)
        }
        return rules
    }

    private mutating func rule(_ tree: JSONTree, at place: String) -> BadgeRule? {
        let members = object(tree, at: place, knowing: ["badge", "when"])
        let badge = badge(members["badge"], at: "\(place).badge")
        guard let when = members["when"] else {
            note("\(place).when", "is missing; it holds the thresholds")
            return nil
        }
        var rule = BadgeRule(badge: badge ?? "")
        let known = BadgeRule.Threshold.allCases.map(\.rawValue)
        let thresholds = object(when, at: "\(place).when", knowing: known)
        if thresholds.isEmpty { note("\(place).when", "needs at least one of \(known.joined(separator: ", "))") }
        for threshold in BadgeRule.Threshold.allCases {
            guard let value = thresholds[threshold.rawValue] else { continue }
            let most = threshold.most
            guard let number = value.integer, (1...most).contains(number) else {
                note("\(place).when.\(threshold.rawValue)", "must be a whole number from 1 to \(most)")
                continue
            }
            rule[threshold] = number
        }
        return badge == nil ? nil : rule
    }

    /// As the trigger on `translations` has it.
    private mutating func badge(_ tree: JSONTree?, at place: String) -> String? {
        guard let text = tree?.text else {
            note(place, tree == nil ? "is missing; it is a translation's key" : "must be a string")
            return nil
        }
        let blanks: Set<Character> = [" ", "\t", "\n", "\r"]
        let hasControls = text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
        guard (1...256).contains(text.unicodeScalars.count), !hasControls, let first = text.first,
            let last = text.last, !blanks.contains(first), !blanks.contains(last)
        else {
            note(place, "must have 1 to 256 characters, no control characters and no blanks around it")
            return nil
        }
        return text
    }
}

extension BadgeRulesFile {
    private mutating func note(_ place: String, _ reason: String) {
        if mistakes.count < Self.mistakeLimit { mistakes.append(Mistake(place: place, reason: reason)) }
    }

    /// The members of an object by name; those that nobody knows are mistakes.
    private mutating func object(_ tree: JSONTree, at place: String, knowing known: [String]) -> [String: JSONTree] {
        var found: [String: JSONTree] = [:]
        for (name, value) in entries(tree, at: place) {
            if known.contains(name) {
                found[name] = value
            } else {
                let prefix = place == "file" ? "" : "\(place)."
                note(
                    "\(prefix)\(PrintableText.escaped(name, limit: 60))",
                    "is not known here; what is: \(known.joined(separator: ", "))")
            }
        }
        return found
    }

    private mutating func entries(_ tree: JSONTree, at place: String) -> [(String, JSONTree)] {
        guard case .object(let members) = tree else {
            note(place, "must be an object, and is \(tree.kind)")
            return []
        }
        return members.map { ($0.name, $0.value) }
    }

    private mutating func elements(_ tree: JSONTree, at place: String) -> [JSONTree] {
        guard case .array(let elements) = tree else {
            note(place, "must be a list, and is \(tree.kind)")
            return []
        }
        return elements
    }
}

extension BadgeRule.Threshold {
    /// The largest value that can ever be reached.
    var most: Int64 {
        switch self {
        case .totalPoints, .eventPoints: PointsLimit.total
        case .events: 1_000_000_000_000
        case .streakDays: 36_500
        }
    }
}
