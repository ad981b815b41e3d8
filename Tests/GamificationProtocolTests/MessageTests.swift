import GamificationProtocol
import TestSupport
import Testing

@Suite struct MessageTests {
    private func comesBack<Message: ProtocolMessage>(_ message: Message) throws {
        #expect(try Message(decoding: message.encoded) == message)
    }

    @Test func everyMessageComesBack() throws {
        let moment = ProtocolTimestamp(seconds: 1_700_000_000, nanos: 123_456_789)
        try comesBack(AwardBadgeRequest(merchantID: "m", customerID: "c", badge: "gold", locale: "pt-BR"))
        try comesBack(AwardBadgeResponse(status: .alreadyAwarded, eventID: "e", awardedAt: moment))
        try comesBack(PurgeAuditLogsRequest(merchantID: "m", jwtToken: "t"))
        try comesBack(PurgeAuditLogsResponse(status: .purged, purged: .max, eventID: "e"))
        try comesBack(GetLeaderboardRequest(merchantID: "m", pageSize: -1, pageToken: "p", aroundCustomerID: "c"))
        let entries = [LeaderboardEntry(customerID: "a", points: -5, rank: 1), LeaderboardEntry()]
        try comesBack(GetLeaderboardResponse(entries: entries, nextPageToken: "n", total: 2))
        try comesBack(GetBadgesRequest(merchantID: "m", customerID: "c", locale: "l", pageSize: 5, pageToken: "p"))
        let badges = [Badge(badge: "b", name: "☃ ذهبي", locale: "ar", awardedAt: moment, eventID: "e"), Badge()]
        try comesBack(GetBadgesResponse(badges: badges, nextPageToken: "n"))
        try comesBack(ValidateTokenRequest(jwtToken: "t"))
        try comesBack(ValidateTokenResponse(merchantID: "m", scopes: ["a", "", "b"], jti: "j", expiresAt: moment))
        try comesBack(GetCustomerRequest(customerID: "c", merchantID: "m"))
        try comesBack(GetCustomerResponse(email: "x@y.example", pointsBalance: 7, language: "de"))
        #expect(try AwardBadgeRequest(decoding: []) == AwardBadgeRequest())
        #expect(AwardBadgeRequest().encoded == [])
    }

    @Test func bytesAreThoseOfTheContract() {
        let request = AwardBadgeRequest(merchantID: "m", customerID: "c", badge: "b", locale: "en")
        #expect(request.encoded == [0x0A, 1, 0x6D, 0x12, 1, 0x63, 0x1A, 1, 0x62, 0x22, 2, 0x65, 0x6E])
        #expect(AwardBadgeResponse(status: .awarded).encoded == [8, 1])
        #expect(GetCustomerResponse(pointsBalance: 300).encoded == [0x10, 0xAC, 2])
    }

    @Test func protocAgrees() async throws {
        guard ProcessRunner.isInstalled("protoc") else { return }
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let response = GetBadgesResponse(
            badges: [Badge(badge: "b", name: "Gold", awardedAt: .init(seconds: 5, nanos: 6))], nextPageToken: "n")
        let text = try await ProcessRunner.output(
            of: [
                "protoc", "--proto_path=\(root)/Sources/GamificationProtocol/protos", "--proto_path=/usr/include",
                "--decode=gamification.v1.GetBadgesResponse", "gamification.proto",
            ], input: .bytes(response.encoded))
        #expect(text.contains("name: \"Gold\"") && text.contains("nanos: 6") && text.contains("next_page_token: \"n\""))
    }

    @Test func badBytesAreRefused() {
        let cases: [([UInt8], ProtocolFault)] = [
            ([0x0A], .malformed), ([0x0A, 5, 1], .malformed), ([0], .malformed), ([0x0B], .malformed),
            ([0x0A, 1, 0xFF], .badText(field: "merchant_id")), ([0x1A, 2, 0x61, 0], .badText(field: "badge")),
            ([0x22, 3, 0xED, 0xA0, 0x80], .badText(field: "locale")),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], .malformed),
            ([[UInt8]](repeating: [0x78, 1], count: 300).flatMap { $0 }, .excessive),
        ]
        for (bytes, fault) in cases {
            #expect(throws: fault, "\(bytes.prefix(8))") { try AwardBadgeRequest(decoding: bytes) }
        }
        // Text inside of a repeated message, and of a repeated string.
        #expect(throws: ProtocolFault.badText(field: "customer_id")) {
            try GetLeaderboardResponse(decoding: [0x0A, 3, 0x0A, 1, 0xFF])
        }
        #expect(throws: ProtocolFault.badText(field: "scopes")) {
            try ValidateTokenResponse(decoding: [0x12, 1, 0x80])
        }
        // A few unknown fields are what a later version sends.
        #expect((try? AwardBadgeRequest(decoding: [0x78, 1, 0x0A, 1, 0x6D]))?.merchantID == "m")
        // So is an unknown value of an enumeration.
        #expect((try? AwardBadgeResponse(decoding: [8, 9]))?.status == .unspecified)
    }

    @Test func mutationsNeverCrash() {
        let entries = (0..<5).map { LeaderboardEntry(customerID: "c\($0)", points: Int64($0), rank: 1) }
        let good = GetLeaderboardResponse(entries: entries, nextPageToken: "n", total: 2).encoded
        var random = SystemRandomNumberGenerator()
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if (try? GetLeaderboardResponse(decoding: bytes)) != nil { taken += 1 }
        }
        #expect(taken > 0 && taken < 20_000)
    }
}
