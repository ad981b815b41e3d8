/// Renders `--help` from a table, for a terminal of any width.
package struct HelpRenderer {
    private let table: FlagTable
    private let style: TextStyle

    /// A renderer of `table` for an output of `style`.
    package init(_ table: FlagTable, style: TextStyle) {
        self.table = table
        self.style = style
    }

    /// The help of `subcommand`, or of the program for nil.
    package func text(for subcommand: Subcommand?) -> String {
        let text = subcommand.map(commandText) ?? programText
        return style.isUnicode
            ? text : text.split(separator: "…", omittingEmptySubsequences: false).joined(separator: "...")
    }

    private var programText: String {
        var text = "\(style.bold(table.program)) - \(table.summary)\n\n"
        text += usage(programUsage)
        if let first = table.description.first {
            text += "\n" + TextWrap.paragraph(first, width: style.textWidth, indent: 0)
        }
        text += heading("Commands") + rows(commandRows)
        if let standard = table.defaultSubcommand {
            let others = table.subcommands.count > 1
            if others {
                text +=
                    "\n" + style.dim("Flags of \(standard.name); for those of another command: ")
                    + style.dim("\(table.program) COMMAND --help") + "\n"
            }
            text += flagText(table.flags(of: standard))
        } else {
            text += flagText(table.commonFlags)
        }
        if !table.examples.isEmpty { text += heading("Examples") + examples(table.examples) }
        text += heading("Exit status") + rows(table.exitCodes.map { ("\($0.rawValue)", $0.meaning) }, column: 7)
        text += "\nMore, environment and files included: \(table.program) man | man -l -\n"
        return text
    }

    private func commandText(_ command: Subcommand) -> String {
        var text = "\(style.bold("\(table.program) \(command.name)")) - \(lowercasedFirst(command.summary))\n\n"
        let isDefault = table.defaultSubcommand?.name == command.name
        let name = isDefault ? "[\(command.name)]" : command.name
        text += usage([([table.program, name, "[FLAGS]"] + arguments(command)).joined(separator: " ")])
        for paragraph in command.description {
            text += "\n" + TextWrap.paragraph(paragraph, width: style.textWidth, indent: 0)
        }
        if !command.positionals.isEmpty {
            text += heading("Arguments") + rows(command.positionals.map { ($0.placeholder, $0.help) })
        }
        text += flagText(table.flags(of: command))
        if !command.examples.isEmpty { text += heading("Examples") + examples(command.examples) }
        return text + "\nMore, exit status included: \(table.program) --help and \(table.program) man\n"
    }

    private var programUsage: [String] {
        var lines: [String] = []
        if let standard = table.defaultSubcommand {
            lines.append(
                ([table.program, "[\(standard.name)]", "[FLAGS]"] + arguments(standard)).joined(separator: " "))
        }
        if table.subcommands.count > 1 || !table.hasDefault { lines.append("\(table.program) COMMAND [FLAGS]") }
        return lines
    }

    private var commandRows: [(String, String)] {
        let own = table.subcommands.map { command in
            (([command.name] + arguments(command)).joined(separator: " "), command.summary)
        }
        return own + [
            ("help [COMMAND]", "Show this help, or that of a command"), ("man", "Print the man page"),
            ("completions SHELL", "Print completions for bash, zsh or fish"),
        ]
    }

    private func arguments(_ command: Subcommand) -> [String] {
        command.positionals.map { positional in
            let name = positional.placeholder + (positional.isRepeatable ? "…" : "")
            return positional.isRequired ? name : "[\(name)]"
        }
    }

    private func usage(_ lines: [String]) -> String {
        lines.enumerated().map { index, line in
            (index == 0 ? style.bold("Usage:") + " " : "       ") + line + "\n"
        }.joined()
    }

    private func heading(_ text: String) -> String { "\n" + style.bold("\(text):") + "\n" }

    private func flagText(_ flags: [Flag]) -> String {
        table.sections(flags).map { heading($0.heading) + rows($0.flags.map { (label($0), explanation($0)) }) }.joined()
    }

    private func label(_ flag: Flag) -> String {
        let short = flag.short.map { "-\($0), " } ?? "    "
        return short + "--\(flag.long)" + (flag.takesValue ? " \(flag.placeholder)" : "")
    }

    private func explanation(_ flag: Flag) -> String {
        var notes: [String] = []
        if let standard = flag.standard { notes.append("default \(standard)") }
        if let variable = flag.environment {
            notes.append(flag.kind == .pairs ? "env \(variable)…" : "env \(variable)")
        }
        return flag.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
    }

    /// Two columns; where a term does not fit into its column, or the terminal is narrow, the text goes below it.
    private func rows(_ rows: [(String, String)], column: Int = 32) -> String {
        let width = style.textWidth
        let indent = width < 60 ? 8 : column
        let margin = String(repeating: " ", count: indent)
        return rows.map { term, explanation in
            let lines = TextWrap.lines(explanation, width: max(20, width - indent))
            let name = "  \(term)"
            let fits = DisplayWidth.columns(name) + 2 <= indent
            let first = fits ? DisplayWidth.padded(name, to: indent) + (lines.first ?? "") : name
            return ([first] + lines.dropFirst(fits ? 1 : 0).map { margin + $0 }).map { $0 + "\n" }.joined()
        }.joined()
    }

    private func examples(_ examples: [FlagTable.Row]) -> String {
        examples.map {
            TextWrap.paragraph($0.text + ":", width: style.textWidth, indent: 2)
                + broken($0.term).map { "      \(style.bold($0))\n" }.joined()
        }.joined()
    }

    /// A command in lines that fit, each but the last with a shell's mark that it goes on: broken only before flags.
    private func broken(_ command: String) -> [String] {
        let room = style.textWidth - 6
        guard command.count > room else { return [command] }
        var lines: [String] = []
        var line = ""
        for (index, part) in command.split(separator: " --", omittingEmptySubsequences: false).enumerated() {
            let word = index == 0 ? String(part) : "--\(part)"
            if line.isEmpty {
                line = word
            } else if line.count + word.count + 3 <= room {
                line += " \(word)"
            } else {
                lines.append(line + " \\")
                line = "    \(word)"
            }
        }
        return lines + [line]
    }

    private func lowercasedFirst(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}
