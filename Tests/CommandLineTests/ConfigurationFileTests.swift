import TestSupport
import Testing

/// A file that cannot be followed is a mistake, told with its line, before anything is tried: no broker is there.
@Suite("Configuration files that are bad")
struct ConfigurationFileTests {
    private func mistakes(_ file: String, _ more: [String] = []) async throws -> String {
        let call = ["list", "-b", "127.0.0.1:1", "--no-decode", "--config", file] + more
        let result = try await Program.run(call, deadline: 20)
        #expect(result.exitCode == 2 && result.output.isEmpty, "\(result.errors)")
        // Nothing of a file reaches a terminal as it stands there.
        #expect(result.errors.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F })
        #expect(result.errors.utf8.count < 20_000)
        return result.errors
    }

    @Test(
        "each line that is wrong, with its number",
        arguments: [
            ("topic = a\ntpic = b\n", ":2: unknown key 'tpic'; did you mean topic?"),
            ("topic\n", ":1: no = in it"), ("topic =", ":1: topic has no value"),
            ("topic = a\ntopic = b\n", ":2: topic is set twice, first in line 1"),
            ("[reprocess-dlq\ntopic = a\n", ":1: a heading ends with ]"),
            ("[reproces-dlq]\ntopic = a\n", "did you mean [reprocess-dlq]?"),
            ("yes = true\n", ":1: --yes is meant for a single call"),
            ("topic = a b\n", ":1"), ("max-retries = many\n", ":1"), ("since = soon\n", ":1"),
            ("output = xml\n", ":1"), ("property = sasl.password=hunter2\nproperty = nonsense\n", "name=value"),
            ("topic = \u{1B}]0;owned\u{07}\n", ":1: holds a control character"),
            ("topic = a\u{0}b\n", ":1: holds a control character"),
            ("topic = \(String(repeating: "a", count: 60_000))\n", ":1"),
            (String(repeating: "x\n", count: 20_000), ":1: no = in it"),
        ])
    func lines(text: String, expected: String) async throws {
        let directory = try ScratchDirectory("config")
        let errors = try await mistakes(try directory.write("ops.conf", text))
        #expect(errors.contains(expected), "\(errors)")
        #expect(!errors.contains("hunter2"))
    }

    @Test("cut off in the middle of a line it is followed as far as it goes, or refused; never taken for another")
    func truncated() async throws {
        let directory = try ScratchDirectory("config")
        let whole = "topic = gamification.dlq\n[reprocess-dlq]\nmax-retries = 3\n"
        for length in 1..<whole.utf8.count {
            let cut = String(whole.prefix(length))
            let file = try directory.write("ops.conf", cut)
            // With a mistake of its own on the command line every call ends at once.
            let errors = try await mistakes(file, ["--since", "soon"])
            #expect(errors.contains("--since"), "\(cut): \(errors)")
        }
    }

    @Test("no text, too large, a directory, endless, not there")
    func unreadable() async throws {
        let directory = try ScratchDirectory("config")
        let binary = "\(directory.path)/binary.conf"
        try writeBytes([0x74, 0xFF, 0xFE, 0x3D, 0x00, 0x0A], to: binary)
        #expect(try await mistakes(binary).contains("not UTF-8"))
        let large = "\(directory.path)/large.conf"
        try writeBytes([UInt8](repeating: 0x23, count: 4 << 20), to: large)
        #expect(try await mistakes(large).contains("larger than"))
        #expect(try await mistakes("/dev/zero").contains("larger than"))
        #expect(try await mistakes(directory.path).contains("is a directory"))
        #expect(try await mistakes("\(directory.path)/none").contains("does not exist"))
    }
}
