import Observability
import TestSupport
import Testing

@Suite("Metrics")
struct MetricTests {
    @Test("The exposition text")
    func exposition() {
        let registry = MetricRegistry()
        let redriven = registry.counter(
            "redriven_total", help: "Records \"sent\" \\ again\nso", labels: ["topic", "why"])
        redriven.with("b", "x").add(2)
        redriven.with("a", "quote\" slash\\ line\n").add()
        registry.gauge("lag", help: "Records to go").with().set(-0.5)
        let latency = registry.histogram("latency_seconds", help: "Time", buckets: [0.1, 1], labels: ["op"]).with("get")
        for value in [0.05, 0.1, 0.5, 7] { latency.observe(value) }
        registry.counter("unused_total", help: "Nothing yet")
        #expect(
            registry.exposition() == """
                # HELP lag Records to go
                # TYPE lag gauge
                lag -0.5
                # HELP latency_seconds Time
                # TYPE latency_seconds histogram
                latency_seconds_bucket{op="get",le="0.1"} 2
                latency_seconds_bucket{op="get",le="1"} 3
                latency_seconds_bucket{op="get",le="+Inf"} 4
                latency_seconds_sum{op="get"} 7.65
                latency_seconds_count{op="get"} 4
                # HELP redriven_total Records "sent" \\\\ again\\nso
                # TYPE redriven_total counter
                redriven_total{topic="a",why="quote\\" slash\\\\ line\\n"} 1
                redriven_total{topic="b",why="x"} 2
                # HELP unused_total Nothing yet
                # TYPE unused_total counter
                unused_total 0

                """)
    }

    @Test("Odd numbers are spelled as Prometheus does")
    func numbers() {
        let registry = MetricRegistry()
        let gauge = registry.gauge("g", help: "g", labels: ["n"])
        gauge.with("1").set(.infinity)
        gauge.with("2").set(-.infinity)
        gauge.with("3").set(.nan)
        gauge.with("4").set(1e-7)
        gauge.with("5").set(1e21)
        gauge.with("6").add(2)
        gauge.with("6").add(-5)
        let values = registry.exposition().split(separator: "\n").dropFirst(2).map { $0.split(separator: " ")[1] }
        #expect(values == ["+Inf", "-Inf", "NaN", "1e-07", "1e+21", "-3"])
    }

    @Test("A hostile label cannot grow the process")
    func cardinality() {
        let registry = MetricRegistry()
        let badges = registry.counter(
            "badges_total", help: "b", labels: ["merchant", "badge"], limits: LabelLimits(values: 3, series: 7))
        for index in 0..<10_000 {
            badges.with("m\(index % 5)", "badge-\(index)" + String(repeating: "👩", count: 1000)).add()
        }
        let lines = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count <= 8)
        #expect(lines.contains { $0.contains("badge=\"other\"") })
        #expect(lines.allSatisfy { $0.utf8.count < 2 * LabelLimits.valueLength + 100 })
        #expect(lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == 10_000)
        #expect(badges.with("m0", "badge-0" + String(repeating: "👩", count: 1000)).value >= 1)
    }

    @Test("Updates from many threads are all counted")
    func threads() async {
        let registry = MetricRegistry()
        let counter = registry.counter("c_total", help: "c").with()
        let gauge = registry.gauge("g", help: "g").with()
        let histogram = registry.histogram("h", help: "h", buckets: [1]).with()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.add()
                        gauge.add(1)
                        histogram.observe(1)
                    }
                }
            }
        }
        #expect(counter.value == 8000 && gauge.value == 8000)
        #expect(registry.exposition().contains("h_sum 8000\nh_count 8000\n"))
    }

    @Test("Faults of the program trap")
    func faults() async {
        await #expect(processExitsWith: .failure) { MetricRegistry().counter("1st", help: "") }
        await #expect(processExitsWith: .failure) { MetricRegistry().counter("a", help: "", labels: ["__b"]) }
        await #expect(processExitsWith: .failure) { MetricRegistry().counter("a", help: "", labels: ["b", "b"]) }
        await #expect(processExitsWith: .failure) { MetricRegistry().histogram("a", help: "", buckets: [2, 1]) }
        await #expect(processExitsWith: .failure) { MetricRegistry().histogram("a", help: "", labels: ["le"]) }
        await #expect(processExitsWith: .failure) {
            MetricRegistry().counter("a", help: "", labels: ["b"]).with().add()
        }
        await #expect(processExitsWith: .failure) { MetricRegistry().counter("a", help: "").with().add(-1) }
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            registry.gauge("a", help: "")
            registry.gauge("a", help: "")
        }
    }

    @Test(
        "promtool accepts the text",
        .enabled(
            if: ProcessRunner.isInstalled("promtool"), "skipped: promtool (Debian package prometheus) is not installed")
    )
    func promtool() async throws {
        let registry = MetricRegistry()
        registry.counter("redriven_records_total", help: "Records \"sent\" \\ again\n", labels: ["topic"])
            .with("a\"\\\n").add(3)
        registry.gauge("drain_lag_records", help: "Records to go").with().set(1e21)
        registry.histogram("commit_latency_seconds", help: "Time", labels: ["kind"]).with("x").observe(0.2)
        let result = try await ProcessRunner.run(
            ["promtool", "check", "metrics"], input: .text(registry.exposition()))
        #expect(result.exitCode == 0, "\(result.errors)\(result.output)")
    }
}
