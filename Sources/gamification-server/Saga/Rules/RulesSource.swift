import Configuration
import Synchronization

/// The file of badge rules, read again when asked; any thread may ask.
final class RulesSource: Sendable {
    /// Why a file gives no rules: one line a mistake.
    struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Nil where no file is named: then there are no rules.
    private let path: String?
    private let fresh = Mutex<BadgeRules?>(nil)

    init(path: String?) { self.path = path }

    /// The rules of the file. Blocks on the file system.
    func read() throws(Refusal) -> BadgeRules {
        guard let path else { return .none }
        let name = PrintableText.quoted(path)
        let bytes: [UInt8]
        do throws(BoundedFile.Failure) {
            bytes = try BoundedFile.read(path, limit: BadgeRulesFile.byteLimit).bytes
        } catch {
            throw Refusal(description: "the rules file \(name) \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(description: "the rules file \(name) is not UTF-8")
        }
        do throws(BadgeRulesFile.Failure) {
            return try BadgeRulesFile.read(text)
        } catch {
            throw Refusal(description: "the rules file \(name) has mistakes:\n\(error)")
        }
    }

    /// Reads the file again and has the saga take its rules before its next wave; a bad file changes nothing.
    /// - Throws: what is wrong with it.
    func reload() throws(Refusal) -> BadgeRules {
        let rules = try read()
        fresh.withLock { $0 = rules }
        return rules
    }

    /// Rules that were read since the last call.
    func takeFresh() -> BadgeRules? {
        fresh.withLock { rules in
            defer { rules = nil }
            return rules
        }
    }
}
