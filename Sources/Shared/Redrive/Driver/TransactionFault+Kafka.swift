import Kafka

extension TransactionFault {
    /// What a failed step of a transaction means for the lane; nil where nothing that the lane can do would help.
    init?(_ error: KafkaError) {
        if error.isFatal {
            self = .fatal(error.description)
        } else if error.kind == .fenced, !error.isAboutProducer {
            self = .generationFenced
        } else if error.kind == .authorization || error.kind == .authentication || error.kind == .unknownTopic {
            return nil
        } else if error.requiresAbort || error.kind == .fenced {
            self = .abortable(error.description)
        } else {
            return nil
        }
    }
}
