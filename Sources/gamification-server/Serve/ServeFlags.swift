import CommandLine
import PostgresKit
import RedisKit
import ToolKit

/// The flags of `serve` and `check-config`.
enum ServeFlags {
    static let grpcListen = Flag(
        "grpc-listen", placeholder: "HOST:PORT", env: "GAMIFICATION_GRPC_LISTEN", default: "127.0.0.1:50054",
        section: "Serving", help: "Address and port of gRPC")
    static let httpListen = Flag(
        "http-listen", placeholder: "HOST:PORT", env: "GAMIFICATION_HTTP_LISTEN", default: "127.0.0.1:8080",
        section: "Serving", help: "Address and port of /health, /ready, /metrics and the read-only HTTP API")
    static let tlsCertificate = Flag(
        "tls-cert", placeholder: "FILE", env: "GAMIFICATION_TLS_CERT", completion: .file, section: "Serving",
        help: "Certificate of gRPC's TLS, in PEM, with those between it and its authority")
    static let tlsKey = Flag(
        "tls-key", placeholder: "FILE", env: "GAMIFICATION_TLS_KEY", completion: .file, section: "Serving",
        help: "The certificate's private key, in PEM")
    static let tlsClientCA = Flag(
        "tls-client-ca", placeholder: "FILE", env: "GAMIFICATION_TLS_CLIENT_CA", completion: .file, section: "Serving",
        help: "Demand a certificate of every client that this authority signed (mTLS)")
    static let plaintext = Flag(
        "plaintext", kind: .toggle, env: "GAMIFICATION_PLAINTEXT", section: "Serving",
        help: "Serve gRPC without TLS; off loopback only with --insecure")
    static let insecure = Flag(
        "insecure", kind: .toggle, env: "GAMIFICATION_INSECURE", section: "Serving",
        help: "Allow --plaintext on an address that other machines reach")
    static let shutdown = Flag(
        "shutdown-timeout", placeholder: "DURATION", env: "GAMIFICATION_SHUTDOWN_TIMEOUT", default: "25s",
        section: "Serving", help: "How long a stop may take, calls in flight and unsent records included")

    static let users = Flag(
        "users-host", placeholder: "HOST:PORT", env: "USERS_HOST", section: "Connection",
        help: "users-service, asked by gRPC whether a customer exists")
    static let auth = Flag(
        "auth-host", placeholder: "HOST:PORT", env: "AUTH_HOST", section: "Connection",
        help: "auth-service, asked by gRPC whether a token is valid")
    static let postgresConnections = Flag(
        "postgres-connections", placeholder: "N", env: "GAMIFICATION_POSTGRES_CONNECTIONS", default: "4",
        section: "Connection", help: "Connections to PostgreSQL that are kept open, 2 to 32")

    static let backlog = Flag(
        "backlog-limit", placeholder: "N", env: "GAMIFICATION_BACKLOG_LIMIT", default: "1000000", section: "Awards",
        help: "Awards that may wait for Kafka in PostgreSQL; beyond it new ones are refused as UNAVAILABLE")

    static let serving = [grpcListen, httpListen, tlsCertificate, tlsKey, tlsClientCA, plaintext, insecure, shutdown]
    static let connections =
        [Flag.bootstrapServers, .properties] + RedriveFlags.registryConnection + Flag.redisBoth
        + [postgresConnections, users, auth]

    /// All of them.
    static let all = serving + connections + [backlog] + SagaFlags.all
}
