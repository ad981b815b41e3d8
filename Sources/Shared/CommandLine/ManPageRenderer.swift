/// Renders a table as a man(7) page.
package struct ManPageRenderer {
    private let table: FlagTable

    /// A renderer of `table`.
    package init(_ table: FlagTable) { self.table = table }

    /// The page's roff source, the same at every call.
    package var text: String {
        var lines = [
            ".\\\" Made from the program's table of flags by `\(table.program) man`; do not edit.",
            ".TH \(escaped(table.program.uppercased())) 1 \(table.date) \"\(escaped(table.program)) \(table.version)\"",
            ".SH NAME", "\(escaped(table.program)) \\- \(escaped(table.summary))",
        ]
        lines += synopsis + description + commands + options
        lines += [".SH EXIT STATUS"]
        for code in table.exitCodes { lines += tagged("\\fB\(code.rawValue)\\fR", code.meaning) }
        lines += environment
        if !table.files.isEmpty { lines += [".SH FILES"] + table.files.flatMap { tagged(italic($0.term), $0.text) } }
        lines += examples
        if !table.seeAlso.isEmpty {
            lines += [".SH SEE ALSO", table.seeAlso.map(reference).joined(separator: ",\n")]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var synopsis: [String] {
        var lines = [".SH SYNOPSIS"]
        for (index, command) in table.subcommands.enumerated() {
            if index > 0 { lines.append(".br") }
            let isDefault = index == 0 && table.hasDefault
            let name = isDefault ? "[\(bold(command.name))]" : bold(command.name)
            let arguments = command.positionals.map { positional in
                let name = italic(positional.placeholder) + (positional.isRepeatable ? " ..." : "")
                return positional.isRequired ? name : "[\(name)]"
            }
            lines.append(([bold(table.program), name, "[\(italic("FLAGS"))]"] + arguments).joined(separator: " "))
        }
        lines.append(".br")
        lines.append("\(bold(table.program)) \(bold("help")) [\(italic("COMMAND"))]")
        lines.append(".br")
        lines.append("\(bold(table.program)) \(bold("man"))")
        lines.append(".br")
        lines.append("\(bold(table.program)) \(bold("completions")) \(bold("bash"))|\(bold("zsh"))|\(bold("fish"))")
        return lines
    }

    private var description: [String] {
        let paragraphs = table.description.isEmpty ? [capitalized(table.summary) + "."] : table.description
        return [".SH DESCRIPTION"] + self.paragraphs(paragraphs)
    }

    private var commands: [String] {
        var lines = [".SH COMMANDS"]
        for command in table.subcommands {
            lines += tagged(bold(command.name), sentence(command.summary))
            for paragraph in command.description { lines += [".IP"] + prose(paragraph) }
            for positional in command.positionals {
                lines += [".IP", "\(italic(positional.placeholder)): \(escaped(sentence(positional.help)))"]
            }
        }
        lines += tagged("\(bold("help")) [\(italic("COMMAND"))]", "Show the help, or that of a command.")
        lines += tagged(bold("man"), "Print this page.")
        lines += tagged("\(bold("completions")) \(italic("SHELL"))", "Print completions for bash, zsh or fish.")
        return lines
    }

    private var options: [String] {
        var lines = [".SH OPTIONS"]
        for section in table.sections(table.allFlags) {
            lines.append(".SS \(escaped(section.heading))")
            for flag in section.flags { lines += option(flag) }
        }
        return lines
    }

    private func option(_ flag: Flag) -> [String] {
        let names = (flag.short.map { [bold("-\($0)")] } ?? []) + [bold("--\(flag.long)")]
        let value = flag.takesValue ? " \(italic(flag.placeholder))" : ""
        var lines = tagged(names.joined(separator: ", ") + value, sentence(flag.help))
        var notes: [String] = []
        if let standard = flag.standard { notes.append("The default is \(standard).") }
        if let variable = flag.environment {
            notes.append(
                flag.kind == .pairs ? "Environment: \(variable)NAME." : "Environment: \(variable).")
        }
        let owners = table.owners(of: flag).map(\.name)
        if !owners.isEmpty, owners.count < table.subcommands.count {
            notes.append("Commands: \(owners.joined(separator: ", ")).")
        }
        for note in notes { lines += prose(note) }
        if let detail = flag.detail { lines += [".IP"] + prose(detail) }
        return lines
    }

    private var environment: [String] {
        let flags = table.allFlags.compactMap { flag in
            flag.environment.map { name in
                FlagTable.Row(
                    flag.kind == .pairs ? "\(name)NAME" : name,
                    flag.kind == .secretFile
                        ? "The secret itself, in place of the file of --\(flag.long)." : "The same as --\(flag.long).")
            }
        }
        let common = [FlagTable.Row("NO_COLOR", "If set, no colours are used, not even on a terminal.")]
        let rule =
            "A flag wins over the environment, the environment over the configuration file, and that over the default."
        return [".SH ENVIRONMENT"] + prose(rule)
            + (flags + table.environment + common).flatMap { tagged(bold($0.term), sentence($0.text)) }
    }

    private var examples: [String] {
        let examples = table.examples + table.subcommands.flatMap(\.examples)
        guard !examples.isEmpty else { return [] }
        var lines = [".SH EXAMPLES"]
        for (index, example) in examples.enumerated() {
            if index > 0 { lines.append(".PP") }
            lines += prose(sentence(example.text, end: ":"))
            lines += [".PP", ".RS 4", ".nf", escaped(example.term), ".fi", ".RE"]
        }
        return lines
    }

    private func paragraphs(_ texts: [String]) -> [String] {
        texts.enumerated().flatMap { index, text in (index == 0 ? [] : [".PP"]) + prose(text) }
    }

    private func tagged(_ tag: String, _ text: String) -> [String] { [".TP", tag] + prose(sentence(text)) }

    /// Running text in short source lines, each safe from being read as a request.
    private func prose(_ text: String) -> [String] {
        TextWrap.lines(text, width: 76).filter { !$0.isEmpty }.map(escaped)
    }

    private func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }
    private func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

    private func reference(_ page: String) -> String {
        guard let parenthesis = page.firstIndex(of: "(") else { return escaped(page) }
        return bold(String(page[..<parenthesis])) + escaped(String(page[parenthesis...]))
    }

    private func sentence(_ text: String, end: String = ".") -> String {
        guard let last = text.last else { return text }
        return ".:?!".contains(last) ? text : text + end
    }

    private func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// Text as roff shows it: no escapes, requests or typographic substitutions.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "\"": result += "\\(dq"
            case ".": result += result.isEmpty ? "\\&." : "."
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            }
        }
        return result
    }
}
