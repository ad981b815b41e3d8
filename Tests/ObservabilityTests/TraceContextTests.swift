import Observability
import Testing

private let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

@Suite("Trace context")
struct TraceContextTests {
    @Test("A valid header is read and written again")
    func roundTrip() throws {
        let context = try #require(TraceContext(traceparent: valid))
        #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.traceparent == valid)
        let unsampled = try #require(TraceContext(traceparent: valid.dropLast() + "0"))
        #expect(!unsampled.isSampled)
    }

    @Test("Half an id may be zero, flags unknown to level 1 are not sent on")
    func edges() throws {
        let half = "00-00000000000000000000000000000001-0000000000000001-ff"
        let context = try #require(TraceContext(traceparent: half))
        #expect(context.isSampled)
        #expect(context.traceparent == "00-00000000000000000000000000000001-0000000000000001-01")
    }

    @Test("A later version is read like version 00")
    func laterVersion() {
        let body = valid.dropFirst(2)
        #expect(TraceContext(traceparent: "01" + body)?.traceparent == valid)
        #expect(TraceContext(traceparent: "cc" + body + "-what-the-future-holds")?.traceparent == valid)
        #expect(TraceContext(traceparent: "01" + body + "-")?.traceparent == valid)
        #expect(TraceContext(traceparent: "01" + body + "x") == nil)
        #expect(TraceContext(traceparent: "01" + body.dropLast()) == nil)
    }

    @Test(
        "Everything invalid is refused",
        arguments: [
            "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47é6-00f067aa0ba902b7-01",
        ])
    func invalid(text: String) { #expect(TraceContext(traceparent: text) == nil) }

    @Test("Every truncation and every changed byte of a valid header is refused or reads as something else")
    func mutations() throws {
        let bytes = Array(valid.utf8)
        let original = try #require(TraceContext(traceparent: valid))
        for length in 0..<bytes.count {
            #expect(bytes[..<length].withUnsafeBytes { TraceContext(traceparent: $0) } == nil)
        }
        for index in bytes.indices {
            for byte in UInt8.min...UInt8.max where byte != bytes[index] {
                var changed = bytes
                changed[index] = byte
                let read = changed.withUnsafeBytes { TraceContext(traceparent: $0) }
                // The version and the upper flag bits are not part of the value.
                if (2..<53).contains(index) { #expect(read != original) }
            }
        }
    }

    @Test("New ids are valid and different; a child keeps the trace, a link starts another")
    func making() throws {
        let root = TraceContext.root()
        #expect(TraceContext(traceparent: root.traceparent) == root)
        #expect(root.isSampled && !TraceContext.root(isSampled: false).isSampled)
        #expect(Set((0..<1000).map { _ in TraceContext.root().traceID }).count == 1000)
        let child = root.child()
        #expect(child.traceID == root.traceID && child.spanID != root.spanID && child.isSampled)
        let (linked, link) = root.linked()
        #expect(linked.traceID != root.traceID)
        #expect(link.traceID == root.traceID && link.spanID == root.spanID)
    }
}
