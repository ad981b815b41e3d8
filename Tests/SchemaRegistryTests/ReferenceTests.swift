import SchemaRegistry
import TestSupport
import Testing

/// Schemas that refer to others.
@Suite struct ReferenceTests {
    private static func reply(_ references: String) -> String {
        httpReply(#"{"subject":"s","version":1,"id":2,"schema":"\"int\"","references":[\#(references)]}"#)
    }

    private func unusable(_ server: RawServer) async throws -> SchemaRegistryError {
        let client = try registryClient(server.url)
        guard case .unusable(let error) = try await client.lookup(1) else { throw TestSupportError("usable") }
        #expect(error.kind == .badReferences)
        return error
    }

    @Test func aDiamondIsResolvedInOrder() async throws {
        let services = try await StandIns()
        let client = try registryClient(services.registryURL)
        func record(_ name: String, _ uses: [String]) -> String {
            let fields = uses.enumerated().map { #"{"name":"f\#($0)","type":"\#($1)"}"# }.joined(separator: ",")
            return #"{"type":"record","name":"\#(name)","namespace":"n","fields":[\#(fields)]}"#
        }
        func reference(_ name: String) -> SchemaReference {
            SchemaReference(name: "n.\(name)", subject: "sub/\(name)", version: 1)
        }
        _ = try await client.register(subject: "sub/A", schema: record("A", []))
        _ = try await client.register(subject: "sub/B", schema: record("B", ["n.A"]), references: [reference("A")])
        _ = try await client.register(subject: "sub/C", schema: record("C", ["n.A"]), references: [reference("A")])
        let id = try await client.register(
            subject: "top", schema: record("D", ["n.C", "n.B"]), references: [reference("C"), reference("B")])
        guard case .schema(let schema) = try await client.lookup(id) else { throw TestSupportError("no schema") }
        #expect(schema.references.map(\.reference.name) == ["n.A", "n.C", "n.B"])
        #expect(try await services.count("GET /subjects/sub/A/versions/1") == 1)
        let found = try await client.find(
            subject: "top", schema: record("D", ["n.C", "n.B"]), references: [reference("C"), reference("B")])
        #expect(found?.references.count == 2)
    }

    @Test func aMissingReferenceIsNamed() async throws {
        for code in [40401, 40402] {
            let server = try RawServer { request, connection in
                let isTop = request.line == "GET /schemas/ids/1"
                let missing = httpReply(#"{"error_code":\#(code),"message":"gone"}"#, status: "404 Not Found")
                connection.write(isTop ? Self.reply(#"{"name":"N","subject":"gone-value","version":3}"#) : missing)
                return true
            }
            #expect(try await unusable(server).description.contains("gone-value version 3"))
        }
    }

    @Test func aCircleEnds() async throws {
        let server = try RawServer(replies: [Self.reply(#"{"name":"N","subject":"s","version":1}"#)])
        _ = try await unusable(server)
        #expect(server.requests.count == 2)
    }

    @Test func depthIsBounded() async throws {
        let server = try RawServer { request, connection in
            let version = (request.line.split(separator: "/").last.flatMap { Int($0) } ?? 0) + 1
            connection.write(Self.reply(#"{"name":"N","subject":"s","version":\#(version)}"#))
            return true
        }
        _ = try await unusable(server)
        #expect(server.requests.count == 17)
    }

    @Test func numberIsBounded() async throws {
        let many = (1...1_000).map { #"{"name":"N\#($0)","subject":"s","version":\#($0)}"# }.joined(separator: ",")
        let server = try RawServer { request, connection in
            connection.write(Self.reply(request.line == "GET /schemas/ids/1" ? many : ""))
            return true
        }
        _ = try await unusable(server)
        #expect(server.requests.count == 65)
    }

    @Test func hostileSubjectsStayInTheirSegment() async throws {
        let server = try RawServer { request, connection in
            let isTop = request.line == "GET /schemas/ids/1"
            connection.write(Self.reply(isTop ? #"{"name":"N","subject":"../x?y#z\r\nX: y","version":-1}"# : ""))
            return true
        }
        guard case .schema = try await registryClient(server.url).lookup(1) else { throw TestSupportError("unusable") }
        #expect(server.requests[1].hasPrefix("GET /subjects/..%2Fx%3Fy%23z%0D%0AX%3A%20y/versions/-1 HTTP/1.1\r\n"))
    }

    @Test func aFailureOnTheWayIsAnError() async throws {
        let server = try RawServer { request, connection in
            let isTop = request.line == "GET /schemas/ids/1"
            connection.write(
                isTop ? Self.reply(#"{"name":"N","subject":"s","version":1}"#) : httpReply("", status: "503 Busy"))
            return true
        }
        let client = try registryClient(server.url, time: ManualTime().time)
        let error = await #expect(throws: SchemaRegistryError.self) { try await client.lookup(1) }
        #expect(error?.kind == .unavailable)
        #expect(client.cached(1) == nil)
    }
}
