import Synchronization
import TestSupport

/// A broker with an authorizer that allows nothing by itself, and listeners with SASL, TLS and both, which the tests of
/// this process share. Its plaintext listener is for the tests' own hands, and allowed everything.
final class SecuredBroker: Sendable {
    enum Listener: String {
        case sasl = "SASL"
        case tls = "TLS"
        case mutualTLS = "MTLS"
        case saslOverTLS = "SECURE"
    }

    /// Who may log in by SASL; what each may do, the commands of `docs/acls.md` say.
    enum User: String, CaseIterable {
        case drain, viewer, setup

        var password: String { "\(rawValue)'s s3cret, with = and #" }
    }

    let kafka: ScratchKafka
    let certificates: TestCertificates

    private static let sharedTask = Mutex<Task<SecuredBroker, any Error>?>(nil)

    static func shared() async throws -> SecuredBroker {
        let task = sharedTask.withLock { task in
            let running = task ?? Task { try await SecuredBroker() }
            task = running
            return running
        }
        return try await task.value
    }

    private init() async throws {
        certificates = try await TestCertificates()
        let tls = [
            "ssl.keystore.type": "PEM", "ssl.keystore.location": certificates.serverStore,
            "ssl.truststore.type": "PEM", "ssl.truststore.location": certificates.caFile,
        ]
        let users = User.allCases.map { "user_\($0.rawValue)=\"\($0.password)\"" }.joined(separator: " ")
        let sasl = [
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
            "scram-sha-256.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "plain.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required \(users);",
        ]
        func listener(_ name: Listener, _ security: String, _ properties: [String: String]...) -> KafkaListener {
            KafkaListener(
                name.rawValue, security: security,
                properties: properties.reduce(into: [:]) { $0.merge($1) { _, later in later } })
        }
        kafka = try await ScratchKafka.start(
            listeners: [
                listener(.sasl, "SASL_PLAINTEXT", sasl), listener(.tls, "SSL", tls),
                listener(.mutualTLS, "SSL", tls, ["ssl.client.auth": "required"]),
                listener(.saslOverTLS, "SASL_SSL", tls, sasl),
            ],
            overrides: [
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                // Those who come without a name, to the plaintext and the TLS listener, and the client certificate.
                "super.users": "User:ANONYMOUS;User:CN=test-client",
            ])
        try await Grants(kafka).make()
    }

    func address(_ listener: Listener) -> String { kafka.listeners[listener.rawValue] ?? "" }

    /// Flags that log in by name; the password is in the environment.
    func flags(_ listener: Listener = .sasl) -> [String] {
        ["-b", address(listener), "-X", "security.protocol=\(listener == .sasl ? "SASL_PLAINTEXT" : "SASL_SSL")"]
            + ["-X", "sasl.mechanism=PLAIN"]
            + (listener == .sasl ? [] : ["-X", "ssl.ca.location=\(certificates.caFile)"])
    }

    /// The environment that goes with `flags`.
    static func environment(_ user: User) -> [String: String?] {
        ["KAFKA_X_SASL_USERNAME": user.rawValue, "KAFKA_X_SASL_PASSWORD": user.password]
    }

    /// Runs a command as a user, and reads its document. Nothing that it writes may hold the password.
    func json(_ user: User, _ arguments: [String], exit code: Int32 = 0) async throws -> JSON {
        let result = try await Program.run(
            arguments + flags() + ["--output", "json"], environment: Self.environment(user))
        guard result.exitCode == code, !(result.errors + result.output).contains("s3cret") else {
            throw TestSupportError("exit \(result.status): \(result.errors)\n\(result.output)")
        }
        return try JSON(result.output)
    }
}
