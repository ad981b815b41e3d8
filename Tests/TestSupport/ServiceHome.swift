import Glibc
package import Testing

/// Where a server that is no part of the package is found, and what happens to the tests where it is not.
package struct ServiceHome: Sendable {
    /// For messages: "Apache Kafka".
    let name: String
    /// The environment variable that names its directory.
    let variable: String
    /// The directory, absolute or relative to the package's root, that is used when the variable is not set.
    let fallback: String
    /// A file below the directory that must be there.
    let landmark: String

    /// The directory, or nil where the server is not to be had.
    package var path: String? {
        let environment = Spawn.inheritedEnvironment()
        let candidates =
            environment[variable].flatMap { $0.isEmpty ? nil : [$0] } ?? [
                fallback.hasPrefix("/") ? fallback : ServiceHome.packageRoot + "/" + fallback, "./" + fallback,
            ]
        return candidates.first { fileExists($0 + "/" + landmark) }.flatMap(ServiceHome.absolute)
    }

    /// The trait for suites that need the server: without it they are skipped, with CI=true they fail instead.
    package var requirement: ConditionTrait {
        let isStrict = Spawn.inheritedEnvironment()["CI"] == "true"
        return .enabled(if: path != nil || isStrict, Comment(rawValue: "skipped: " + absence))
    }

    /// The directory; throws what to do where the server is not to be had.
    func required() throws -> String {
        guard let path else { throw TestSupportError(absence) }
        return path
    }

    private var absence: String { "\(name) is neither at \(variable) nor at \(fallback) beside the package" }

    /// The folder of Package.swift, from where this file was compiled.
    package static var packageRoot: String {
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    }

    private static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension ServiceHome {
    /// Apache Kafka: KAFKA_HOME, else ../shared/kafka.
    package static let kafka = ServiceHome(
        name: "Apache Kafka", variable: "KAFKA_HOME", fallback: "../shared/kafka",
        landmark: "bin/kafka-server-start.sh")

    /// PostgreSQL: POSTGRES_HOME, else Debian's newest.
    package static let postgres = ServiceHome(
        name: "PostgreSQL", variable: "POSTGRES_HOME", fallback: newestPostgres, landmark: "bin/initdb")

    private static let newestPostgres =
        (11...30).reversed().map { "/usr/lib/postgresql/\($0)" }.first { fileExists($0 + "/bin/initdb") }
        ?? "/usr/lib/postgresql"

    /// The schema registry: SCHEMA_REGISTRY_HOME, else ../shared/schema-registry.
    package static let schemaRegistry = ServiceHome(
        name: "the schema registry", variable: "SCHEMA_REGISTRY_HOME", fallback: "../shared/schema-registry",
        landmark: "bin/schema-registry-start.sh")
}
