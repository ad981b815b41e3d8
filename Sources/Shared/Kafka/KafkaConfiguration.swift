/// How to reach Kafka: what every client of one program has in common.
///
/// TLS, mutual TLS, SASL and anything else that librdkafka knows pass through `properties`.
package struct KafkaConfiguration: Sendable, CustomStringConvertible {
    /// One librdkafka property, as given with `-X name=value`.
    package struct Property: Hashable, Sendable {
        /// As librdkafka names it, such as `security.protocol`.
        package var name: String
        /// What it is set to; it may be a secret.
        package var value: String

        /// A property of these parts; librdkafka checks them when a client is made.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `host:port`, several with commas.
    package var bootstrapServers: String
    /// What brokers and `kafka-consumer-groups.sh` show for this program.
    package var clientID: String
    /// In the order given; a later one of the same name wins. librdkafka checks names and values when a client is made.
    package var properties: [Property]
    /// Receives librdkafka's log lines, on its own threads: must be quick, and must not call the client. Without one
    /// the lines are dropped; nothing is ever written to stderr.
    package var log: (@Sendable (KafkaLogLine) -> Void)?

    /// A configuration of these parts; nothing is connected to yet.
    package init(
        bootstrapServers: String, clientID: String, properties: [Property] = [],
        log: (@Sendable (KafkaLogLine) -> Void)? = nil
    ) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.properties = properties
        self.log = log
    }

    /// Without the values of properties that may be secrets.
    package var description: String {
        let shown = properties.map { "\($0.name)=\(Self.isSecret($0.name) ? "…" : $0.value)" }
        return (["bootstrap.servers=\(bootstrapServers)", "client.id=\(clientID)"] + shown).joined(separator: " ")
    }

    /// Whether the value of a property must not be shown: passwords, tokens, key material, user names.
    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "pem", "username", "oauthbearer", "sasl.jaas"].contains { name.contains($0) }
    }
}

/// One line of librdkafka's log.
package struct KafkaLogLine: Sendable {
    /// As syslog counts: 0 emergency, 3 error, 4 warning, 6 information, 7 debugging.
    package var level: Int
    /// librdkafka's short code, such as `FAIL` or `REBALANCE`.
    package var facility: String
    /// What it says; it may name brokers, topics and groups.
    package var message: String
}
