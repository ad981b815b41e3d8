import CRdKafka

/// An `rd_kafka_conf_t`: becomes a client, or is destroyed.
struct NativeConfiguration: ~Copyable {
    private let raw: OpaquePointer

    init() {
        raw = rd_kafka_conf_new()
    }

    deinit {
        rd_kafka_conf_destroy(raw)
    }

    /// Sets what the wrapper itself needs, then the user's properties, except those that the wrapper must own.
    ///
    /// - Parameters:
    ///   - tuned: defaults of ours; a user property of the same name replaces them.
    ///   - required: what correctness needs; a user property that says otherwise is refused with `kind`
    ///     `.configuration`.
    ///   - optional: set where this librdkafka has them.
    init(
        _ configuration: KafkaConfiguration, required: [(String, String)], tuned: [(String, String)],
        optional: [(String, String)] = []
    ) throws(KafkaError) {
        self.init()
        for (name, value) in [("client.id", configuration.clientID)] + tuned { try set(name, value) }
        for (name, value) in optional where isKnown(name) { try set(name, value) }
        for property in configuration.properties {
            let name = Self.canonical(property.name)
            if name == "bootstrap.servers" {
                throw Self.refused(property.name, "it is given by its own option")
            }
            if let (_, value) = required.first(where: { $0.0 == name }) {
                guard Self.means(property.value, value) else {
                    throw Self.refused(
                        property.name,
                        value.isEmpty ? "it is set by this program" : "this program needs \(name)=\(value)")
                }
                continue
            }
            try set(property.name, property.value)
        }
        for (name, value) in required where !value.isEmpty { try set(name, value) }
        try set("bootstrap.servers", configuration.bootstrapServers)
    }

    func set(_ name: String, _ value: String) throws(KafkaError) {
        var reason = [CChar](repeating: 0, count: 512)
        let result = rd_kafka_conf_set(raw, name, value, &reason, reason.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        var text = String(cBuffer: reason)
        if KafkaConfiguration.isSecret(name), !value.isEmpty { text = Self.replacing(value, in: text) }
        throw Self.refused(name, text)
    }

    func isKnown(_ name: String) -> Bool {
        var size = 0
        return rd_kafka_conf_get(raw, name, nil, &size) == RD_KAFKA_CONF_OK
    }

    /// Asks for these as events on a queue, instead of callbacks.
    func enableEvents(_ events: Int32) {
        rd_kafka_conf_set_events(raw, events)
    }

    /// Makes the client; the configuration is used up, or destroyed with the error thrown.
    consuming func makeClient(
        _ type: rd_kafka_type_t, callbacks: ClientCallbacks, reportsDeliveries: Bool = true
    ) throws(KafkaError) -> ClientHandle {
        let raw = raw
        discard self
        callbacks.install(in: raw, reportsDeliveries: reportsDeliveries)
        var reason = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(type, raw, &reason, reason.count) else {
            let text = String(cBuffer: reason)
            rd_kafka_conf_destroy(raw)
            throw KafkaError(.configure, kind: .configuration, reason: text)
        }
        return ClientHandle(client, callbacks: callbacks)
    }

    private static func refused(_ name: String, _ reason: String) -> KafkaError {
        KafkaError(.configure, kind: .configuration, reason: "property \(name): \(reason)")
    }

    /// librdkafka's older names for the properties that the wrapper owns.
    private static func canonical(_ name: String) -> String {
        switch name {
        case "metadata.broker.list": "bootstrap.servers"
        case "request.required.acks": "acks"
        case "auto.commit.enable": "enable.auto.commit"
        default: name
        }
    }

    private static func means(_ given: String, _ needed: String) -> Bool {
        let same = ["-1": "all", "1": "true", "0": "false", "t": "true", "f": "false"]
        let given = given.lowercased()
        return !needed.isEmpty && (given == needed || same[given] == needed)
    }

    private static func replacing(_ secret: String, in text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while !rest.isEmpty {
            if rest.hasPrefix(secret) {
                result += "…"
                rest = rest.dropFirst(secret.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
