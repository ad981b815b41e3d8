package import CommandLine
import Configuration
import HTTPClient
package import SchemaRegistry

/// How to reach the schema registry: the same flags in every program.
package struct RegistryOptions: Sendable {
    /// Nil where none was named or it is not used, and after a mistake that the reader has noted.
    package let client: SchemaRegistryClient?

    /// Reads the flags, noting every mistake in `reader`.
    ///
    /// - Parameters:
    ///   - isUsed: whether the registry is asked at all; else nothing is reported.
    ///   - need: what to report where none is named; nil if the command can do without.
    package init(_ reader: inout OptionReader, isUsed: Bool = true, need: String?) {
        let url = reader.optionalText(.schemaRegistry)
        let user = reader.optionalText(RedriveFlags.registryUser)
        let password = reader.secret(RedriveFlags.registryPassword)
        let ca = reader.optionalPath(RedriveFlags.registryCA)
        guard isUsed, let url else {
            client = nil
            if isUsed, let need { reader.report(.schemaRegistry, need) }
            return
        }
        do throws(HTTPError) {
            var http = HTTPClientConfiguration()
            http.tls = HTTPClientConfiguration.TLS(caFile: ca)
            // Every user of the machine can read a command line: a URL there must hold no password.
            let isOnCommandLine = reader.values(of: .schemaRegistry).last?.origin == .flag
            let (base, credentials) =
                isOnCommandLine ? (try HTTPURL(url), nil) : try HTTPURL.separatingCredentials(url)
            http.credentials = credentials
            if let user {
                http.credentials = try .basic(user: user, password: password?.reveal() ?? "")
                if credentials != nil {
                    reader.report(
                        RedriveFlags.registryUser, "the registry's URL holds a user name too; keep one of them")
                }
            }
            client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: base, http: http))
        } catch {
            client = nil
            reader.report(.schemaRegistry, "\(error)")
        }
    }
}
