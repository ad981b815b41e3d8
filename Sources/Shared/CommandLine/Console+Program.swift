import Configuration
import Glibc

/// Starting a program and ending it.
extension Console {
    /// What is to be done after the arguments have been read.
    package enum Beginning {
        /// Nothing more: end with this code.
        case ended(ExitCode)
        /// Print the words of this kind, one a line, for a shell's completion, within a second or two.
        case complete(kind: String, OptionReader)
        /// Read the options of `OptionReader.command` and run it.
        case run(OptionReader)
    }

    /// Reads `arguments` (without the program's name) by `table`, answers `--help` and its like, and reports what
    /// leaves nothing to run. `versions` are lines to add to `--version`, for example a library's version.
    package func begin(
        _ table: FlagTable, arguments: [String] = Array(Swift.CommandLine.arguments.dropFirst()),
        versions: @autoclosure () -> [String] = []
    ) -> Beginning {
        let invocation = Invocation.read(
            table, arguments: arguments, environment: environment, style: outputStyle, versions: versions())
        switch invocation {
        case .answer(let text):
            // A failure is kept by the stream and reported by finish.
            try? result(text.hasSuffix("\n") ? String(text.dropLast()) : text)
            return .ended(finish(.done))
        case .mistaken(let error): return .ended(report(error))
        case .complete(let kind, let reader): return .complete(kind: kind, reader)
        case .run(let reader): return .run(reader)
        }
    }

    /// Says what is wrong with the call; the program is to end with the code returned.
    package func report(_ usage: UsageError) -> ExitCode {
        note(usage.text(errorStyle))
        // A failure is kept by the stream and reported by finish.
        if usage.form == .json { try? result(json: usage.document) }
        return finish(.usage)
    }

    /// Reads a command's options; ends the program where one of them is wrong.
    package func options<Options>(
        _ reader: OptionReader, _ read: (inout OptionReader) -> Options
    ) -> Options {
        var reader = reader
        let options = read(&reader)
        do throws(UsageError) {
            try reader.finish()
        } catch {
            exit(report(error).rawValue)
        }
        for warning in reader.warnings { self.warning(warning) }
        return options
    }

    /// Writes what a command came to.
    ///
    /// - Parameters:
    ///   - error: why it ended early.
    ///   - isJSON: whether the result is for programs.
    ///   - document: the result for programs.
    ///   - text: the result for people; nil where there is none.
    ///   - complain: how errors are told; nil tells them to people.
    package func conclude(
        error: String?, isJSON: Bool, document: @autoclosure () -> JSONValue, text: @autoclosure () -> String?,
        complain: ((String) -> Void)? = nil
    ) {
        let complain = complain ?? { self.error($0) }
        if let error { complain(error) }
        do throws(OutputError) {
            if isJSON {
                try result(json: document())
            } else if let text = text() {
                try result(text)
            }
        } catch {
            complain("\(error)")
        }
    }
}
