import CommandLine
import Configuration
import HTTPClient
import SchemaRegistry
import ToolKit

/// How to reach the schema registry, which is needed here: `cache.invalidate` is Avro.
struct RegistryOptions {
    /// Nil only after a mistake that the reader has noted.
    let client: SchemaRegistryClient?

    init(_ reader: inout OptionReader) {
        let user = reader.optionalText(RedriveFlags.registryUser)
        let password = reader.secret(RedriveFlags.registryPassword)
        let ca = reader.optionalPath(RedriveFlags.registryCA)
        guard let url = reader.optionalText(.schemaRegistry) else {
            client = nil
            reader.report(
                .schemaRegistry,
                "is needed to tell the caches: give its URL, or set SCHEMA_REGISTRY_URL, or say --no-cache")
            return
        }
        do throws(HTTPError) {
            var http = HTTPClientConfiguration()
            http.tls = HTTPClientConfiguration.TLS(caFile: ca)
            if let user { http.credentials = try .basic(user: user, password: password?.reveal() ?? "") }
            client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(url), http: http))
        } catch {
            client = nil
            reader.report(.schemaRegistry, "\(error)")
        }
    }
}
