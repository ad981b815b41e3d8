import Glibc

/// Why a question was not answered with yes. Nothing may be changed then; the exit code is `refused`.
package enum ConfirmationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Standard input or error is no terminal, so nobody can be asked.
    case notATerminal(question: String)
    /// The answer was something else.
    case declined
    /// A signal came first.
    case interrupted

    /// Why nothing was done, and the flag that answers the question.
    package var description: String {
        switch self {
        case .notATerminal(let question):
            "this asks before it changes anything (\(question)), and there is no terminal to ask on: "
                + "give --yes to go ahead without the question"
        case .declined: "not confirmed; nothing was changed"
        case .interrupted: "interrupted at the question; nothing was changed"
        }
    }
}

extension Console {
    /// The answer that a question wants.
    package enum Expected: Sendable {
        /// `y` or `yes`.
        case yes
        /// This very word, for changes that cannot be undone.
        case word(String)
    }

    /// Asks on the terminal, and returns if the answer is the expected one or `--yes` was given (`isAnswered`).
    ///
    /// Without a terminal it fails at once instead of hanging. Blocks the calling thread until the answer, the end of
    /// input or `isStopped` (asked ten times a second); keys pressed before the question do not count.
    /// - Throws: `ConfirmationError`.
    package func confirm(
        _ question: String, expecting expected: Expected = .yes, isAnswered: Bool, isStopped: () -> Bool = { false }
    ) throws(ConfirmationError) {
        if isAnswered { return }
        guard isatty(input) == 1, isatty(errorDescriptor) == 1 else {
            throw ConfirmationError.notATerminal(question: question)
        }
        tcflush(input, TCIFLUSH)
        switch expected {
        case .yes: prompt("\(question) [y/N] ")
        case .word(let word): prompt("\(question) Type \(errorStyle.bold(word)) to go ahead: ")
        }
        guard let answer = readLine(isStopped) else {
            prompt("\n")
            throw isStopped() ? .interrupted : .declined
        }
        switch expected {
        case .yes where ["y", "yes"].contains(answer.lowercased()): return
        case .word(let word) where answer == word: return
        default: throw .declined
        }
    }

    /// A line of at most 255 bytes without blanks around it; nil at the end of input, on failure or when stopped.
    private func readLine(_ isStopped: () -> Bool) -> String? {
        var line: [UInt8] = []
        while !isStopped() {
            var request = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 100) > 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 256)
            let count = read(input, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            line += chunk[..<count]
            if let end = line.firstIndex(of: 0x0A) { line.removeSubrange(end...) } else if line.count < 256 { continue }
            let text = String(decoding: line.prefix(255), as: UTF8.self)
            return text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).joined(separator: " ")
        }
        return nil
    }
}
