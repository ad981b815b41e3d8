import Glibc
import Kafka
import TestSupport
import Testing

/// `--report` on real brokers.
@Suite("the page about a run", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct ReportTests {
    private func place(_ label: String) async throws -> (topic: String, flags: [String], directory: ScratchDirectory) {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<30).map { number in
            Letters.record(
                Letters.framed(number % 10 == 9 ? 999_999 : stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 3 == 0 ? "internal" : "badge.unknown"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return (
            topic, ["drain"] + stage.flags(topic) + ["--runs-topic", "\(topic).runs", "--yes"], try ScratchDirectory()
        )
    }

    @Test("it tells what was there, what was done and by which command, needs nothing, and holds no personal data")
    func page() async throws {
        let (topic, flags, directory) = try await place("report")
        let file = directory.file("run.html")
        let result = try await Program.run(
            flags + ["--rate", "8", "--run", "night-<7>", "--report", file], deadline: 60)
        #expect(result.exitCode == 3, "\(result.errors)")
        let page = try readText(file)
        for text in [
            "<h2>What was there</h2>", "badge.unknown", "<h2>What was done</h2>", "schema.unknown",
            "night-&lt;7&gt;", "reprocess-dlq drain", topic, "</html>",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(page.contains("<polyline"))
        // Nobody has to ask for the lag of those that process what is redriven.
        #expect(page.contains("Lag of gamification-server") && page.contains("records behind on \(topic).replay"))
        for text in ["src=", "href=", "<script", "<link", "url(", "@import", Letters.email, "hunter2"] {
            #expect(!page.contains(text), "\(text)")
        }
        guard ProcessRunner.isInstalled("chromium") else { return }
        let shown = try await ProcessRunner.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "file://\(file)"], deadline: 60)
        #expect(
            shown.output.contains("What was there") && shown.output.contains("<polyline"), "\(shown.errors.suffix(500))"
        )
    }

    @Test("of a plan it says in lines of their own what became of it")
    func plan() async throws {
        let (topic, flags, directory) = try await place("report-plan")
        let (plan, file) = (directory.file("plan.jsonl"), directory.file("run.html"))
        let place = flags.dropFirst().filter { $0 != "--yes" && $0 != "--runs-topic" && $0 != "\(topic).runs" }
        _ = try await Program.json(["plan", "-o", plan] + place)
        _ = try await Program.run(flags + ["--rate", "max", "--limit", "7"])
        let applied = try await Program.run(
            ["apply", plan, "--rate", "max", "--report", file, "--yes", "-b", flags[2]]
                + ["--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs"])
        #expect(applied.exitCode == 0, "\(applied.errors)")
        let page = try readText(file)
        #expect(page.contains("30  entries of \(plan)\n  done       7  done already"), "\(page)")
        #expect(!page.contains("\u{FFFD}"))
    }

    @Test("a page that can be written nowhere is a mistake, and nothing is tried")
    func nowhere() async throws {
        let (_, flags, directory) = try await place("report-nowhere")
        let pipe = directory.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        for path in ["/nowhere/run.html", pipe, directory.path] {
            let result = try await Program.run(flags + ["--rate", "max", "--report", path])
            #expect(result.exitCode == 2 && result.errors.contains("--report"), "\(result.errors)")
        }
    }

    @Test("a page that turns out not to be writable shows in the exit status, and undoes nothing")
    func unwritable() async throws {
        let (_, flags, directory) = try await place("report-full")
        let command =
            ([try ProcessRunner.builtBinary(Program.name)] + flags
            + ["--rate", "max", "--output", "json", "--report", directory.file("run.html")])
            .map { "'\($0)'" }.joined(separator: " ")
        // A limit on the size of files stands for a disk that is full.
        let result = try await ProcessRunner.run(
            ["bash", "-c", "trap '' XFSZ; ulimit -f 1; exec \(command)"], environment: Program.clean, deadline: 90)
        #expect(result.exitCode == 1, "\(result.errors)")
        let document = try JSON(result.output)
        #expect(document["redriven"].int == 27 && document["error"].string?.contains("run.html") == true)
        #expect(directory.names().isEmpty)
    }
}
