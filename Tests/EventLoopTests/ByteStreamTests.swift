import EventLoop
import LoopTestSupport
import TestSupport
import Testing

@Suite struct ByteStreamTests {
    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }

    @Test(arguments: [1, 70_000, 5_000_000]) func carriesBytesBothWays(count: Int) async throws {
        let loop = try await LoopThread { loop in try EchoStage(loop) }
        let sent = bytes(count)
        let back: [UInt8] = try await loop.wait { stage, done in
            do {
                _ = try TestClient(stage, to: stage.listener?.address, sending: sent) { done($0.received) }
            } catch { done([]) }
        }
        #expect(back == sent)
    }

    @Test func carriesBytesThroughTLSWithBothCertificates() async throws {
        let files = try await Certificates()
        let loop = try await LoopThread { loop in
            try EchoStage(
                loop,
                tls: try TLSContext(
                    .server,
                    files: .init(certificate: files.server, key: files.serverKey, authority: files.authority),
                    protocolName: "h2"))
        }
        let sent = bytes(3_000_000)
        let back: [UInt8] = try await loop.wait { stage, done in
            do {
                let tls = try TLSContext(
                    .client,
                    files: .init(certificate: files.client, key: files.clientKey, authority: files.authority),
                    protocolName: "h2")
                _ = try TestClient(stage, to: stage.listener?.address, tls: tls, sending: sent) { client in
                    withExtendedLifetime(tls) { done(client.received) }
                }
            } catch { done([]) }
        }
        #expect(back == sent)
        let peers = try await loop.run { $0.peers }
        #expect(peers.map(\.commonName) == ["points-service"])
        #expect(peers.map(\.uris) == [["spiffe://shop/points-service"]])
    }

    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout TLSContext.Files, inout String, inout String, _ foreign: Certificates) -> Void
        let reason: String
    }

    @Test(arguments: [
        Refusal(
            testDescription: "no client certificate",
            change: { files, _, _, _ in
                files.certificate = nil
                files.key = nil
            }, reason: "alert"),
        Refusal(
            testDescription: "a client certificate of another authority",
            change: { files, _, _, foreign in
                files.certificate = foreign.client
                files.key = foreign.clientKey
            }, reason: "alert"),
        Refusal(
            testDescription: "a server of another authority",
            change: { files, _, _, foreign in
                files.authority = foreign.authority
            }, reason: "certificate"),
        Refusal(
            testDescription: "a server of another name", change: { _, name, _, _ in name = "elsewhere.example" },
            reason: "hostname mismatch"),
        Refusal(
            testDescription: "another application protocol", change: { _, _, alpn, _ in alpn = "http/1.1" },
            reason: "alert"),
    ]) func refuses(_ refusal: Refusal) async throws {
        let files = try await Certificates()
        let foreign = try await Certificates(authority: "another authority")
        let loop = try await LoopThread { loop in
            try EchoStage(
                loop,
                tls: try TLSContext(
                    .server,
                    files: .init(certificate: files.server, key: files.serverKey, authority: files.authority),
                    protocolName: "h2"))
        }
        let end: String? = try await loop.wait { stage, done in
            var own = TLSContext.Files(
                certificate: files.client, key: files.clientKey, authority: files.authority)
            var name = "127.0.0.1"
            var alpn = "h2"
            refusal.change(&own, &name, &alpn, foreign)
            do {
                let tls = try TLSContext(.client, files: own, protocolName: alpn)
                _ = try TestClient(stage, to: stage.listener?.address, tls: tls, serverName: name, sending: [1]) {
                    client in
                    withExtendedLifetime(tls) { done(client.end) }
                }
            } catch { done("\(error)") }
        }
        #expect(end?.contains(refusal.reason) == true, "\(end ?? "the server answered")")
    }

    @Test func aReloadServesTheNewCertificateAndABadOneChangesNothing() async throws {
        let files = try await Certificates()
        let loop = try await LoopThread { loop in
            try EchoStage(
                loop,
                tls: try TLSContext(
                    .server, files: .init(certificate: files.server, key: files.serverKey), protocolName: "h2"))
        }
        func name() async throws -> String? {
            try await loop.wait { stage, done in
                do {
                    let tls = try TLSContext(.client, files: .init(authority: files.authority), protocolName: "h2")
                    _ = try TestClient(stage, to: stage.listener?.address, tls: tls, sending: [1]) { client in
                        withExtendedLifetime(tls) { done(client.stream?.peerCertificate?.commonName) }
                    }
                } catch { done("\(error)") }
            }
        }
        #expect(try await name() == "server")
        try await files.makeServer(commonName: "renewed")
        #expect(try await name() == "server")
        try await loop.run { try $0.tls?.reload() }
        #expect(try await name() == "renewed")
        try await ProcessRunner.output(of: ["cp", files.authority, files.serverKey])
        await #expect(throws: EventLoopError.self) { try await loop.run { try $0.tls?.reload() } }
        #expect(try await name() == "renewed")
    }

    @Test func garbageInPlaceOfTLSEndsTheConnection() async throws {
        let files = try await Certificates()
        let loop = try await LoopThread { loop in
            try EchoStage(
                loop,
                tls: try TLSContext(
                    .server, files: .init(certificate: files.server, key: files.serverKey), protocolName: "h2"))
        }
        let end: String? = try await loop.wait { stage, done in
            do {
                _ = try TestClient(
                    stage, to: stage.listener?.address, sending: Array("GET / HTTP/1.1\r\n\r\n".utf8) + [0, 0, 0]
                ) { client in if client.end != nil { done(client.end) } }
            } catch { done("\(error)") }
        }
        #expect(end != nil)
        #expect(try await loop.run { $0.ends.first?.contains("TLS handshake failed") } == true)
    }

    @Test func nobodyListensThere() async throws {
        let loop = try await LoopThread { loop in try EchoStage(loop) }
        let port = try FreePort.next()
        let end: String? = try await loop.wait { stage, done in
            do {
                _ = try TestClient(
                    stage, to: SocketAddress.literal(host: "127.0.0.1", port: port), sending: [1]
                ) { done($0.end) }
            } catch { done("\(error)") }
        }
        #expect(end?.contains("refused") == true)
    }

    @Test func lastWordsReachAPeerThatStillSends() async throws {
        let loop = try await LoopThread { loop in try EchoStage(loop) }
        let client: [UInt8] = try await loop.wait { stage, done in
            do {
                let sent = [UInt8](repeating: 7, count: 300_000)
                // The server says goodbye at the first bytes, with most of what comes unread.
                stage.goodbye = Array("goodbye".utf8)
                _ = try TestClient(stage, to: stage.listener?.address, sending: sent) { done($0.received) }
            } catch { done([]) }
        }
        #expect(client == Array("goodbye".utf8))
    }

    @Test func findsAddresses() async throws {
        #expect(SocketAddress.literal(host: "::1", port: 80)?.description == "[::1]:80")
        #expect(SocketAddress.literal(host: "127.0.0.1", port: 50_054)?.port == 50_054)
        #expect(SocketAddress.literal(host: "localhost", port: 1) == nil)
        let loop = try await LoopThread { loop in (loop, try AddressResolver(loop)) }
        let found: Bool = try await loop.wait { stage, done in
            stage.1.resolve(host: "localhost", port: 7) { answer in
                done((try? answer.get())?.contains { $0.port == 7 } ?? false)
            }
        }
        #expect(found)
        let missing: String = try await loop.wait { stage, done in
            stage.1.resolve(host: "no-such-host.invalid", port: 7) { answer in
                if case .failure(let error) = answer { done(error.description) } else { done("found") }
            }
        }
        #expect(missing.contains("no-such-host.invalid"))
    }

    @Test func anAddressInUseOrNoAddressIsRefused() async throws {
        let loop = try await LoopThread { loop in try EchoStage(loop) }
        for host in ["127.0.0.1", "localhost"] {
            await #expect(throws: EventLoopError.self) {
                try await loop.run { stage in
                    _ = try StreamListener(stage.loop, host: host, port: stage.listener?.address.port ?? 0) { _ in }
                }
            }
        }
    }
}
