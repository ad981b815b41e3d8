/// A further listener of a ``ScratchKafka``, beside the plaintext one.
package struct KafkaListener: Sendable {
    /// Its name in the broker's properties, in capitals.
    package let name: String
    /// `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
    package let security: String
    /// Properties of this listener alone, without the `listener.name.…` in front.
    package let properties: [String: String]

    /// A listener of these parts.
    package init(_ name: String, security: String, properties: [String: String]) {
        self.name = name
        self.security = security
        self.properties = properties
    }

    /// What a node's properties become that has these listeners at these ports as well.
    static func add(_ listeners: [(KafkaListener, port: UInt16)], to properties: inout [String: String]) {
        for (listener, port) in listeners {
            let address = "\(listener.name)://127.0.0.1:\(port)"
            for name in ["listeners", "advertised.listeners"] { properties[name, default: ""] += ",\(address)" }
            properties["listener.security.protocol.map", default: ""] += ",\(listener.name):\(listener.security)"
            for (name, value) in listener.properties {
                properties["listener.name.\(listener.name.lowercased()).\(name)"] = value
            }
        }
    }
}
