import TestSupport
import Testing

/// TLS, client certificates and passwords, all of which pass through `-X`.
@Suite("Secured connections", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct ConnectionTests {
    private func topics(
        _ flags: [String], environment: [String: String?] = [:]
    ) async throws -> (exitCode: Int32?, json: JSON, errors: String) {
        let result = try await Program.run(["topics", "--output", "json"] + flags, environment: environment)
        #expect(!(result.output + result.errors).contains("s3cret"), "\(result.errors)")
        return (result.exitCode, try JSON(result.output), result.errors)
    }

    private func tls(_ broker: SecuredBroker, _ listener: SecuredBroker.Listener, ca: String) -> [String] {
        ["-b", broker.address(listener), "-X", "security.protocol=SSL", "-X", "ssl.ca.location=\(ca)"]
    }

    // MARK: - Passwords

    @Test("a password from the environment, from a file, and from the configuration file, over TLS or without")
    func rightPassword() async throws {
        let broker = try await SecuredBroker.shared()
        let user = SecuredBroker.User.viewer
        let directory = try ScratchDirectory("login")
        let file = try directory.write("password", "\(user.password)\n")
        let named = ["KAFKA_X_SASL_USERNAME": user.rawValue as String?]
        let settings = try directory.write(
            "ops.conf",
            """
            bootstrap-servers = \(broker.address(.saslOverTLS))
            property = security.protocol=SASL_SSL
            property = ssl.ca.location=\(broker.certificates.caFile)
            [reprocess-dlq]
            property = sasl.mechanism=PLAIN
            property = sasl.username=\(user.rawValue)
            property = sasl.password=\(user.password)
            """)
        for (flags, environment) in [
            (broker.flags(.sasl), SecuredBroker.environment(user)),
            (broker.flags(.saslOverTLS) + ["-X", "sasl.password=@\(file)"], named),
            (["--config", settings], [:]),
        ] {
            let result = try await topics(flags, environment: environment)
            #expect(result.exitCode == 0 || result.exitCode == 6, "\(result.errors)")
            #expect(result.json["cluster_id"].string?.isEmpty == false)
        }
    }

    @Test("a wrong password is exit 4, said at once, and never shown", arguments: [[], ["--log-level", "debug"]])
    func wrongPassword(more: [String]) async throws {
        let broker = try await SecuredBroker.shared()
        let wrong: [String: String?] = [
            "KAFKA_X_SASL_USERNAME": "drain", "KAFKA_X_SASL_PASSWORD": "a s3cret of another time",
        ]
        for listener in [SecuredBroker.Listener.sasl, .saslOverTLS] {
            let result = try await topics(broker.flags(listener) + more, environment: wrong)
            #expect(result.exitCode == 4 && result.json["exit_reason"].string == "not_authorised", "\(result.errors)")
            #expect(result.json["error"].string?.contains("check the TLS and SASL properties") == true)
        }
        let scram = try await topics(
            broker.flags().map { $0 == "sasl.mechanism=PLAIN" ? "sasl.mechanism=SCRAM-SHA-256" : $0 } + more,
            environment: wrong)
        #expect(scram.exitCode == 4 && scram.json["error"].string?.contains("SCRAM") == true, "\(scram.errors)")
        let drain = try await Program.run(
            ["--no-decode", "--yes", "-X", "debug=security,broker"] + more + broker.flags(), environment: wrong)
        #expect(drain.exitCode == 4 && !drain.errors.contains("s3cret"), "\(drain.errors)")
    }

    // MARK: - TLS

    @Test("a server certificate is checked against the authority that is given")
    func serverCertificate() async throws {
        let broker = try await SecuredBroker.shared()
        let right = try await topics(tls(broker, .tls, ca: broker.certificates.caFile))
        #expect(right.json["cluster_id"].string?.isEmpty == false, "\(right.errors)")
        let wrong = try await topics(tls(broker, .tls, ca: broker.certificates.strangerFile))
        #expect(wrong.exitCode == 4, "\(wrong.errors)")
        #expect(wrong.json["error"].string?.contains("certificate verify failed") == true, "\(wrong.errors)")
        let absent = try await Program.run(["topics"] + tls(broker, .tls, ca: "/nonexistent/ca.pem"))
        #expect(absent.exitCode == 2 && absent.errors.contains("ssl.ca.location"), "\(absent.errors)")
    }

    @Test("a broker that wants a client certificate is shown it, and refuses who has none; a drain works so")
    func clientCertificate() async throws {
        let broker = try await SecuredBroker.shared()
        let without = tls(broker, .mutualTLS, ca: broker.certificates.caFile)
        let refused = try await topics(without)
        #expect(refused.exitCode == 4, "\(refused.errors)")
        #expect(refused.json["error"].string?.contains("certificate") == true, "\(refused.errors)")
        let flags =
            without + [
                "-X", "ssl.certificate.location=\(broker.certificates.clientCertificate)",
                "-X", "ssl.key.location=\(broker.certificates.clientKey)",
            ]
        let topic = uniqueName("mutual")
        let names = [
            "--topic", topic, "--replay-topic", "\(topic).replay", "--parked-topic", "\(topic).parked",
            "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs",
        ]
        let made = try await topics(["--create", "--yes", "--partitions", "1"] + names + flags)
        #expect(made.exitCode == 0, "\(made.errors)")
        let letters = (0..<3).map { Letters.record([1], headers: Letters.headers(offset: $0, code: "internal")) }
        try await Letters.publish(letters, to: topic, on: broker.kafka.bootstrapServers)
        let drain = try await Program.json(["--no-decode", "--yes"] + names + flags)
        #expect(drain["redriven"].int == 3 && drain["remaining"].int == 0)
    }
}
