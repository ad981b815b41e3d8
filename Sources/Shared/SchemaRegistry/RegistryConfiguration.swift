package import HTTPClient

/// How the schema registry is reached, and what the client keeps.
package struct SchemaRegistryConfiguration: Sendable {
    /// The API's base URL, with a path where the registry has one (`http://host:8081/apis/ccompat/v7`).
    package var baseURL: HTTPURL
    /// Credentials, TLS files, connect timeout, and the longest answer accepted.
    package var http: HTTPClientConfiguration
    /// Attempts, pauses and deadlines.
    package var retry: RegistryRetryPolicy
    /// Bounds of what is kept and asked.
    package var limits: Limits

    /// Bounds that keep a hostile topic from growing the process or hammering the registry.
    package struct Limits: Sendable {
        /// Schemas kept in memory.
        package var schemaCount = 1_000
        /// Bytes of schema text kept in memory, references included, roughly.
        package var schemaBytes = 16 << 20
        /// Ids kept that are unknown or unusable.
        package var negativeCount = 16_384
        /// How long they are kept: somebody may register the schema after all.
        package var negativeLifetime: Duration = .seconds(60)
        /// How deeply references may nest.
        package var referenceDepth = 16
        /// How many schemas one schema may refer to, directly or not.
        package var referenceCount = 64
        /// Lookups by id that may be sent at once; after that they go at ``lookupsPerSecond``.
        package var lookupBurst = 1_000
        /// The lasting rate of lookups by id.
        package var lookupsPerSecond = 200.0

        /// The default bounds.
        package init() {}
    }

    /// A configuration of these parts.
    package init(
        baseURL: HTTPURL, http: HTTPClientConfiguration = HTTPClientConfiguration(),
        retry: RegistryRetryPolicy = RegistryRetryPolicy(), limits: Limits = Limits()
    ) {
        self.baseURL = baseURL
        self.http = http
        self.retry = retry
        self.limits = limits
    }
}
