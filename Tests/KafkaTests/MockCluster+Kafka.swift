import CRdKafka
import Kafka
import TestSupport

extension MockCluster {
    /// The next requests of that kind are answered with these errors.
    func answer(_ apiKey: Int16, with errors: [rd_kafka_resp_err_t]) {
        pushErrors(errors.map(\.rawValue), apiKey: apiKey)
    }

    func configuration(_ properties: [(String, String)] = []) -> KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: bootstrapServers, clientID: "test",
            properties: properties.map { KafkaConfiguration.Property($0.0, $0.1) })
    }
}
