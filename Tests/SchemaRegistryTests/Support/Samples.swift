import HTTPClient
import SchemaRegistry

/// A client for a test: no credentials, the default bounds unless it changes them.
func registryClient(
    _ url: String, time: RegistryTime = .system, attempts: Int = 3,
    _ change: (inout SchemaRegistryConfiguration) -> Void = { _ in }
) throws -> SchemaRegistryClient {
    var configuration = SchemaRegistryConfiguration(baseURL: try HTTPURL(url))
    configuration.retry.attemptLimit = attempts
    change(&configuration)
    return SchemaRegistryClient(configuration, time: time)
}

/// Schemas that tests register.
enum SampleSchema {
    static let record = #"{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}"#
    static let wider =
        #"{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}"#
    static let incompatible = #"{"type":"record","name":"R","fields":[{"name":"b","type":"int"}]}"#
    static let broken = #"{"type":"recrod","name":"R"}"#
}
