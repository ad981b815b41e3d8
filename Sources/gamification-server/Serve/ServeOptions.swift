import CommandLine
import EventLoop
import Kafka
import Postgres
import PostgresKit
import RedisKit
import SchemaRegistry
import ToolKit

/// What `serve` was told, checked; nothing has been opened yet.
struct ServeOptions: Sendable {
    let grpc: HostPort
    let http: HostPort
    /// Nil serves gRPC without TLS.
    let tls: TLSContext.Files?
    let shutdown: Duration
    let kafka: KafkaConfiguration
    let registry: SchemaRegistryClient?
    let postgres: PostgresConfiguration?
    let postgresConnections: Int
    let redis: RedisOptions
    let users: HostPort
    /// Nil until tokens are checked.
    let auth: HostPort?
    let backlogLimit: Int
    let saga: SagaOptions
    let log: LogOptions

    init(_ reader: inout OptionReader) {
        let nowhere = Self.placeholder
        grpc = reader.required(ServeFlags.grpcListen, placeholder: nowhere) { text throws(ValueError) in
            try HostPort(text)
        }
        http = reader.required(ServeFlags.httpListen, placeholder: nowhere) { text throws(ValueError) in
            try HostPort(text)
        }
        tls = Self.tls(&reader, grpc)
        shutdown = reader.duration(ServeFlags.shutdown, in: .seconds(1) ... .seconds(600))
        kafka = Self.kafka(&reader)
        registry =
            RegistryOptions(
                &reader, need: "is needed to publish and to read events: give its URL, or set SCHEMA_REGISTRY_URL"
            ).client
        postgres = PostgresOptions(&reader, program: "gamification-server").configuration
        postgresConnections = reader.integer(ServeFlags.postgresConnections, in: 2...32)
        redis = RedisOptions(&reader, program: "gamification-server", neededBecause: "for the caches")
        users = reader.required(ServeFlags.users, placeholder: nowhere) { text throws(ValueError) in
            try HostPort(text)
        }
        auth = reader.optional(ServeFlags.auth) { text throws(ValueError) in try HostPort(text) }
        backlogLimit = reader.integer(ServeFlags.backlog, in: 1...1_000_000_000)
        saga = SagaOptions(&reader)
        log = LogOptions(&reader)
        for (flag, address) in [(ServeFlags.grpcListen, grpc), (ServeFlags.httpListen, http)]
        where !Self.isLiteral(address.host) {
            reader.report(flag, "\(address.host) is no IP address: give 127.0.0.1, 0.0.0.0, [::1] or [::], for example")
        }
    }

    /// Brokers that come back are found within a second or two, instead of librdkafka's ten; `-X` has the last word.
    private static func kafka(_ reader: inout OptionReader) -> KafkaConfiguration {
        var kafka = ConnectionOptions(&reader, program: "gamification-server").kafka
        kafka.properties.insert(.init("reconnect.backoff.max.ms", "1000"), at: 0)
        return kafka
    }

    private static var placeholder: HostPort { HostPort(host: "127.0.0.1", port: 1) }

    /// TLS's files, or plaintext where it was asked for by name.
    private static func tls(_ reader: inout OptionReader, _ address: HostPort) -> TLSContext.Files? {
        let certificate = reader.optionalPath(ServeFlags.tlsCertificate)
        let key = reader.optionalPath(ServeFlags.tlsKey)
        let authority = reader.optionalPath(ServeFlags.tlsClientCA)
        let isPlain = reader.toggle(ServeFlags.plaintext)
        let isInsecure = reader.toggle(ServeFlags.insecure)
        if isPlain {
            if certificate ?? key ?? authority != nil {
                reader.report(ServeFlags.plaintext, "serves without TLS, and --tls-… asks for it: give one of them")
            }
            if !isLoopback(address.host), !isInsecure {
                reader.report(
                    ServeFlags.plaintext,
                    "is refused on \(address), which other machines reach: give --tls-cert and --tls-key, or --insecure"
                )
            }
            return nil
        }
        if certificate == nil {
            reader.report(ServeFlags.tlsCertificate, "is needed: give --tls-cert and --tls-key, or --plaintext")
        } else if key == nil {
            reader.report(ServeFlags.tlsKey, "is needed with --tls-cert")
        }
        return TLSContext.Files(certificate: certificate, key: key, authority: authority)
    }

    private static func isLoopback(_ host: String) -> Bool { host.hasPrefix("127.") || host == "::1" }

    private static func isLiteral(_ host: String) -> Bool { SocketAddress.literal(host: host, port: 1) != nil }
}
