package import Configuration

/// All mistakes of one invocation; the program ends with `ExitCode.usage` and nothing was tried.
package struct UsageError: Error, Sendable, CustomStringConvertible {
    /// The program and the command in question, for the pointer to the help.
    package let program: String
    /// The command in question; nil where none could be made out.
    package let command: String?
    /// The mistakes, in the order of their discovery, at least one.
    package let problems: [UsageProblem]
    /// What standard output was to hold.
    let form: OutputForm

    /// Several lines: how many mistakes, each with what would be right, and where to read on.
    package var description: String { text(.plain) }

    /// The same, wrapped to the terminal of `style` if it is one.
    func text(_ style: TextStyle) -> String {
        let shown = problems.prefix(50)
        var lines = ["\(program): \(summary)"]
        for problem in shown {
            let wrapped = style.width.map { TextWrap.lines(problem.description, width: max(30, min($0, 120) - 6)) }
            for (index, line) in (wrapped ?? [problem.description]).enumerated() {
                lines.append((index == 0 ? "  " : "      ") + line)
            }
        }
        if shown.count < problems.count { lines.append("  … and \(problems.count - shown.count) more") }
        lines.append("See \(program)\(command.map { " \($0)" } ?? "") --help")
        return lines.joined(separator: "\n")
    }

    /// How many mistakes there are.
    var summary: String {
        "\(problems.count == 1 ? "a mistake" : "\(problems.count) mistakes") in how it was called; nothing was done"
    }
}
