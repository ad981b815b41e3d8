/// What was being done when an error came: it decides which permission is missing, and stands in every message.
package enum KafkaOperation: String, Sendable, CaseIterable {
    case configure = "configure the Kafka client"
    case connect = "connect to Kafka"
    case readMetadata = "read topic metadata"
    case readClusterID = "read the cluster id"
    case subscribe = "join the consumer group"
    case assign = "assign partitions"
    case seek = "seek"
    case consume = "consume"
    case commit = "commit offsets"
    case readCommitted = "read committed offsets"
    case readWatermarks = "read log start and end"
    case readOffsetsForTimes = "look up offsets by time"
    case readPosition = "read the position"
    case readGroupMetadata = "read the group membership"
    case produce = "produce"
    case flush = "flush"
    case initTransactions = "register the transactional id"
    case beginTransaction = "begin a transaction"
    case sendOffsets = "add offsets to the transaction"
    case commitTransaction = "commit the transaction"
    case abortTransaction = "abort the transaction"
    case createTopics = "create topics"
    case deleteTopics = "delete topics"
    case describeConfigs = "read topic settings"
    case listGroups = "list consumer groups"
    case describeGroup = "describe the consumer group"
    case readGroupOffsets = "read the group's offsets"
    case deleteRecords = "delete records"
    case close = "close the Kafka client"
}

extension KafkaOperation {
    /// The operation that an ACL on a topic must allow for this.
    var topicPermission: String {
        switch self {
        case .produce, .flush, .initTransactions, .beginTransaction, .commitTransaction, .abortTransaction: "WRITE"
        case .subscribe, .assign, .seek, .consume, .commit, .sendOffsets: "READ"
        case .createTopics: "CREATE"
        case .deleteTopics, .deleteRecords: "DELETE"
        case .describeConfigs: "DESCRIBE_CONFIGS"
        default: "DESCRIBE"
        }
    }

    /// The operation that an ACL on a consumer group must allow for this.
    var groupPermission: String {
        switch self {
        case .describeGroup, .readGroupOffsets, .readCommitted: "DESCRIBE"
        default: "READ"
        }
    }
}
