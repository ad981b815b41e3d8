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

    @Test("a page that cannot be written shows in the exit status, and undoes nothing")
    func unwritable() async throws {
        let (_, flags, _) = try await place("report-nowhere")
        let result = try await Program.json(flags + ["--rate", "max", "--report", "/nowhere/run.html"], exit: 1)
        #expect(result["redriven"].int == 27 && result["error"].string?.contains("/nowhere/run.html") == true)
        let pipe = try ScratchDirectory()
        try #require(mkfifo(pipe.file("pipe"), 0o600) == 0)
        let (_, others, _) = try await place("report-pipe")
        let kept = try await Program.json(others + ["--rate", "max", "--report", pipe.file("pipe")], exit: 1)
        #expect(kept["error"].string?.contains("no regular file") == true, "\(kept)")
    }
}
