import CRdKafka
import Synchronization

/// What a consumer must be told between batches.
package enum ConsumerEvent: Sendable {
    /// These partitions are now this member's: answer with `assign`, giving the offsets to start at. The membership is
    /// that of this assignment; it travels with everything that is read from it.
    case assign([TopicPartition], GroupMetadata)
    /// These partitions are to be given up: finish or abort what is under way, then answer with `unassign`. When lost,
    /// another member may have them already, and committing is refused.
    case revoke([TopicPartition], lost: Bool)
    /// The client, or one partition, has trouble. Fatal ones end the consumer; the others librdkafka goes on trying.
    case error(KafkaError)
}

extension KafkaConsumer {
    /// Joins the group for these topics. Assignments then come as events.
    package func subscribe(_ topics: [String]) throws(KafkaError) {
        let resources = try resources(.subscribe)
        guard let groupID else {
            throw KafkaError(.subscribe, kind: .configuration, reason: "this reader was made without a group")
        }
        let list = PartitionList(
            topics.map { TopicPartition(topic: $0, partition: Int32(RD_KAFKA_PARTITION_UA)) })
        state.withLock { $0.isSubscribed = true }
        let code = rd_kafka_subscribe(resources.client.raw, list.raw)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.subscribe, code: code).with(group: groupID) }
    }

    /// Rebalances and errors since the last call, in order; waits up to `timeout` for the first. At most 64 a call.
    package func pollEvents(timeout: Duration) throws(KafkaError) -> [ConsumerEvent] {
        let resources = try resources(.consume)
        var events = clientErrors(resources.client)
        var wait = events.isEmpty ? timeout.clampedMilliseconds : 0
        while events.count < 64, let event = NativeEvent(from: resources.events, milliseconds: wait) {
            wait = 0
            if let translated = translate(event, resources.client) { events.append(translated) }
        }
        return events
    }

    /// Errors of the client as a whole, which come by its main queue.
    private func clientErrors(_ client: ClientHandle) -> [ConsumerEvent] {
        client.serveCallbacks()
        return client.callbacks.takeErrors().map { .error($0) }
    }

    private func translate(_ event: borrowing NativeEvent, _ client: ClientHandle) -> ConsumerEvent? {
        switch event.type {
        case Int32(RD_KAFKA_EVENT_REBALANCE):
            return rebalance(event, client)
        case Int32(RD_KAFKA_EVENT_ERROR):
            guard let error = event.error(.consume, of: client)?.with(group: groupID) else { return nil }
            // A reader never talks to its would-be group's coordinator; not being allowed to look for it is no error.
            if groupID == nil, error.isAboutGroup { return nil }
            return .error(error)
        default:
            return nil
        }
    }

    private func rebalance(_ event: borrowing NativeEvent, _ client: ClientHandle) -> ConsumerEvent {
        switch event.code {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            do throws(KafkaError) {
                return .assign(event.partitions, try groupMetadata())
            } catch {
                rd_kafka_assign(client.raw, nil)
                return .error(error)
            }
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            return .revoke(event.partitions, lost: rd_kafka_assignment_lost(client.raw) != 0)
        default:
            // librdkafka waits for an answer to every rebalance, and to a failed one it can only be this.
            rd_kafka_assign(client.raw, nil)
            return .error(KafkaError(.subscribe, code: event.code).with(group: groupID))
        }
    }
}

extension KafkaError {
    /// Whether this is about finding, joining or using a group.
    var isAboutGroup: Bool {
        switch rd_kafka_resp_err_t(rawValue: code) {
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
            true
        default:
            false
        }
    }
}
