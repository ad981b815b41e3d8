import GRPC
import GamificationProtocol
import LoopTestSupport
import TestSupport
import Testing

/// users- and auth-service's stand-ins, by our own client.
@Suite struct StandInTests {
    @Test func knowsEveryCustomerUnlessToldOtherwise() async throws {
        let services = try await StandIns([
            "--customer", "c-1:es", "--unknown-customer", "c-2", "--customer-language", "fr",
        ])
        let caller = try await GRPCCaller(services.users)
        #expect(try await caller.customer("C-1").answer.get().language == "es")
        #expect(try await caller.customer("c-2").code == .notFound)
        #expect(try await caller.customer("c-3").answer.get().language == "fr")
        try await services.order("users/customers", #"{"customer":"c-2","exists":true,"points":7,"language":"de"}"#)
        let known = try await caller.customer("c-2").answer.get()
        #expect(known.pointsBalance == 7)
        #expect(known.language == "de")
        #expect(known.email.contains("@"))
        #expect(try await caller.customer("").code == .invalidArgument)
        #expect(try await services.count("/users.v1/GetCustomer") == 5)
    }

    @Test func failsInTheShareThatWasAskedFor() async throws {
        let services = try await StandIns(["--users-errors", "0.25"])
        let caller = try await GRPCCaller(services.users)
        var failed = 0
        for index in 0..<40 where try await caller.customer("c\(index)").code == .unavailable { failed += 1 }
        #expect(failed == 10)
        try await services.order("users", #"{"errorRatio":1,"errorCode":"RESOURCE_EXHAUSTED"}"#)
        #expect(try await caller.customer("c").code == .resourceExhausted)
        try await services.order("users", #"{"errorRatio":0}"#)
        #expect(try await caller.customer("c").code == .ok)
    }

    @Test func isLateAsAsked() async throws {
        let services = try await StandIns(["--users-delay-ms", "120"])
        let caller = try await GRPCCaller(services.users)
        #expect(try await caller.customer("c").milliseconds >= 120)
        try await services.order("users", #"{"delayMs":3600000}"#)
        #expect(try await caller.customer("c", seconds: 0.2).code == .deadlineExceeded)
    }

    @Test func goesAwayAndComesBackWhereItWas() async throws {
        let services = try await StandIns(["--users-away"])
        let caller = try await GRPCCaller(services.users)
        #expect(try await caller.customer("c").code == .unavailable)
        try await services.order("users", #"{"away":false}"#)
        #expect(await eventually { (try? await caller.customer("c").code) == .ok })
        try await services.order("users", #"{"away":true}"#)
        #expect(await eventually { (try? await caller.customer("c").code) == .unavailable })
    }

    @Test func takesTokensAtTheirWord() async throws {
        let services = try await StandIns()
        let caller = try await GRPCCaller(services.auth)
        // {"merchant_id":"m-1","scopes":["admin:gamification:edit"],"jti":"j>?","exp":4102444800}
        let payload =
            "eyJtZXJjaGFudF9pZCI6Im0tMSIsInNjb3BlcyI6WyJhZG1pbjpnYW1pZmljYXRpb246ZWRpdCJdLCJqdGkiOiJqPj8iLCJleHAiOjQxMDI0NDQ4MDB9"
        let known = try await caller.token("e30.\(payload).stand-in").answer.get()
        #expect(known.merchantID == "m-1")
        #expect(known.scopes == ["admin:gamification:edit"])
        #expect(known.jti == "j>?")
        #expect(known.expiresAt == ProtocolTimestamp(seconds: 4_102_444_800, nanos: 0))
        // {"merchant_id":"m-1","exp":1}
        let expired = "eyJtZXJjaGFudF9pZCI6Im0tMSIsImV4cCI6MX0"
        for bad in [
            "", "a.b", "e30.\(payload).signature", "e30.!!!.stand-in", "e30.e30.stand-in", "e30.\(expired).stand-in",
        ] {
            #expect(try await caller.token(bad).code == .unauthenticated, "\(bad)")
        }
    }

    @Test func refusesOrdersThatMakeNoSense() async throws {
        let services = try await StandIns()
        for (path, order) in [
            ("users", #"{"errorCode":"NONSENSE"}"#), ("users", "["), ("users/customers", "{}"), ("auth", ""),
            ("users/customers", #"{"customer":""}"#),
        ] {
            await #expect(throws: TestSupportError.self) { try await services.order(path, order) }
        }
        let result = try await ProcessRunner.run([
            try ProcessRunner.builtBinary("mock-services"), "--users-errors", "2", "--customer", "x", "--auth-delay-ms",
            "-1",
        ])
        #expect(result.exitCode == 2)
        for part in ["0 to 1", "ID:LANGUAGE", "--auth-delay-ms"] { #expect(result.errors.contains(part)) }
    }
}

extension GRPCCaller {
    fileprivate func customer(_ id: String, seconds: Double = 20) async throws -> Outcome<GetCustomerResponse> {
        try await call(
            "/users.v1/GetCustomer", GetCustomerRequest(customerID: id, merchantID: "m"), as: GetCustomerResponse.self,
            seconds: seconds)
    }

    fileprivate func token(_ text: String) async throws -> Outcome<ValidateTokenResponse> {
        try await call(
            "/auth.v1/ValidateToken", ValidateTokenRequest(jwtToken: text), as: ValidateTokenResponse.self)
    }
}
