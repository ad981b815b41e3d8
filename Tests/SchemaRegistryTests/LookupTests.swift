import HTTPClient
import Synchronization
import TestSupport
import Testing

@testable import SchemaRegistry

/// Lookups by id, against the project's own registry stand-in.
@Suite struct LookupTests {
    @Test func findsAndKeepsASchema() async throws {
        let services = try await StandIns()
        let client = try registryClient(services.registryURL)
        let id = try await client.register(subject: "s", schema: SampleSchema.record)
        #expect(client.cached(id) == nil)
        for _ in 0..<3 {
            guard case .schema(let schema) = try await client.lookup(id) else { throw TestSupportError("no schema") }
            #expect(schema.text == SampleSchema.record)
            #expect(schema.id == id && schema.references.isEmpty)
        }
        guard case .schema = client.cached(id) else { throw TestSupportError("not kept") }
        #expect(try await services.count("GET /schemas/ids/\(id)") == 1)
    }

    @Test func keepsUnknownIdsForAWhile() async throws {
        let services = try await StandIns()
        let time = ManualTime()
        let client = try registryClient(services.registryURL, time: time.time)
        for _ in 0..<3 {
            guard case .unknown(7) = try await client.lookup(7) else { throw TestSupportError("not unknown") }
        }
        #expect(try await services.count("GET /schemas/ids/7") == 1)
        time.advance(seconds: 61)
        #expect(client.cached(7) == nil)
        for number in 1...7 {
            _ = try await client.register(
                subject: "s\(number)", schema: #"{"type":"fixed","name":"F","size":\#(number)}"#)
        }
        guard case .schema = try await client.lookup(7) else { throw TestSupportError("still unknown") }
    }

    @Test(arguments: [Int32.min, -1, 0, .max])
    func anyIdMayBeAsked(id: Int32) async throws {
        let services = try await StandIns()
        guard case .unknown(id) = try await registryClient(services.registryURL).lookup(id) else {
            throw TestSupportError("not unknown")
        }
    }

    @Test func manyTasksAskOnce() async throws {
        let services = try await StandIns()
        let client = try registryClient(services.registryURL)
        let id = try await client.register(subject: "s", schema: SampleSchema.record)
        try await services.order("registry", #"{"delayMs":100}"#)
        let found = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { if case .schema = try await client.lookup(id) { true } else { false } }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(found == 50)
        #expect(try await services.count("GET /schemas/ids/\(id)") == 1)
    }

    @Test func manyTasksShareAFailure() async throws {
        let services = try await StandIns()
        let client = try registryClient(services.registryURL, attempts: 1)
        try await services.order("registry", #"{"delayMs":200,"failFirst":1}"#)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 { group.addTask { (try? await client.lookup(9)) != nil } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // The second either shared the failure or came after it and asked for itself; it is never left waiting.
        #expect(outcomes.contains(false))
        #expect(client.waitingCount == 0)
        guard case .unknown = try await client.lookup(9) else { throw TestSupportError("the failure was kept") }
    }

    @Test func aWaiterTakesOverFromACancelledTask() async throws {
        let answers = try RawServer(holdingFirst: httpReply(#"{"error_code":40403}"#, status: "404 Not Found"))
        let client = try registryClient(answers.url)
        let leader = Task { try await client.lookup(1) }
        #expect(await eventually { answers.requests.count == 1 })
        let follower = Task { try await client.lookup(1) }
        #expect(await eventually { client.waitingCount == 1 })
        leader.cancel()
        let error = await #expect(throws: SchemaRegistryError.self) { try await leader.value }
        #expect(error?.kind == .cancelled)
        guard case .unknown(1) = try await follower.value else { throw TestSupportError("no answer") }
        #expect(answers.requests.count == 2)
    }

    @Test func aCancelledWaiterLeavesAtOnce() async throws {
        let answers = try RawServer(holdingFirst: "")
        let client = try registryClient(answers.url)
        let leader = Task { try await client.lookup(1) }
        #expect(await eventually { answers.requests.count == 1 })
        let follower = Task { try await client.lookup(1) }
        #expect(await eventually { client.waitingCount == 1 })
        follower.cancel()
        let error = await #expect(throws: SchemaRegistryError.self) { try await follower.value }
        #expect(error?.kind == .cancelled)
        #expect(answers.requests.count == 1)
        leader.cancel()
        _ = await leader.result
    }

    @Test func hostileIdsAreBoundedAndPaced() async throws {
        let services = try await StandIns()
        let time = ManualTime()
        let client = try registryClient(services.registryURL, time: time.time) {
            $0.limits.negativeCount = 100
            $0.limits.lookupBurst = 50
            $0.limits.lookupsPerSecond = 10
        }
        for id in 1...300 as ClosedRange<Int32> { _ = try await client.lookup(id) }
        #expect(client.cachedCounts.negatives == 100)
        // 250 lookups beyond the burst at 10 a second.
        let slept = time.sleeps.reduce(Duration.zero, +)
        #expect(slept >= .seconds(24.9) && slept <= .seconds(25.1))
        guard case .unknown(300) = client.cached(300) else { throw TestSupportError("the newest is gone") }
        #expect(client.cached(1) == nil)
    }

    @Test func largeSchemasDoNotGrowTheCache() async throws {
        let services = try await StandIns()
        let client = try registryClient(services.registryURL) { $0.limits.schemaBytes = 20_000 }
        for number in 0..<5 {
            let doc = String(repeating: "\(number)", count: 8_000)
            let id = try await client.register(
                subject: "s\(number)", schema: #"{"type":"fixed","name":"F","size":1,"doc":"\#(doc)"}"#)
            guard case .schema = try await client.lookup(id) else { throw TestSupportError("no schema") }
        }
        #expect(client.cachedCounts.schemas == 2)
    }
}

extension RawServer {
    /// Never answers the first request; `reply` to all others.
    fileprivate convenience init(holdingFirst reply: String) throws {
        let count = Atomic<Int>(0)
        try self.init { _, connection in
            if count.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
                connection.waitForClose()
                return false
            }
            connection.write(reply)
            return true
        }
    }
}
