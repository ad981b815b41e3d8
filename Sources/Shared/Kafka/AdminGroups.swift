import CRdKafka

/// A consumer group as its coordinator sees it.
package struct GroupDescription: Hashable, Sendable {
    /// How far a group has come with dividing its partitions; the words are the brokers'.
    package enum State: String, Sendable {
        case unknown = "Unknown"
        case preparingRebalance = "PreparingRebalance"
        case completingRebalance = "CompletingRebalance"
        case stable = "Stable"
        /// The group is not there (any more).
        case dead = "Dead"
        /// No members, but committed offsets.
        case empty = "Empty"
    }

    /// One client in the group.
    package struct Member: Hashable, Sendable {
        /// The coordinator's name for it.
        package var memberID: String
        /// What the program calls itself.
        package var clientID: String
        /// Where it connects from, as the broker sees it: `/10.1.2.3`.
        package var host: String
        /// What the group has given it.
        package var partitions: [TopicPartition]
    }

    /// The group's name.
    package var groupID: String
    /// Whether it works, or divides its partitions.
    package var state: State
    /// The assignment strategy in use, empty where there is none.
    package var assignor: String
    /// Everybody in it; empty where nobody is.
    package var members: [Member]
}

extension KafkaAdmin {
    /// A group's state and members. A group that does not exist is described as `dead`, without members.
    package func describeGroup(_ groupID: String, timeout: Duration) throws(KafkaError) -> GroupDescription {
        do throws(KafkaError) {
            return try request(
                .describeGroup, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout: timeout, outlivesCaller: true
            ) { client, options, queue in
                groupID.withCString { name in
                    var names: [UnsafePointer<CChar>?] = [name]
                    rd_kafka_DescribeConsumerGroups(client, &names, names.count, options, queue)
                }
            } read: { event throws(KafkaError) in
                var count = 0
                let groups = rd_kafka_DescribeConsumerGroups_result_groups(
                    rd_kafka_event_DescribeConsumerGroups_result(event), &count)
                guard count > 0, let group = groups?[0] else {
                    throw KafkaError(.describeGroup, kind: .other, reason: "the answer describes no group")
                }
                return try Self.description(of: group, groupID)
            }
        } catch {
            // Newer brokers say so where older ones describe a dead group.
            if error.code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND.rawValue {
                return GroupDescription(groupID: groupID, state: .dead, assignor: "", members: [])
            }
            throw error.with(group: groupID)
        }
    }

    /// Everything that a group has committed, without waiting for open transactions.
    package func groupOffsets(_ groupID: String, timeout: Duration) throws(KafkaError) -> [CommittedOffset] {
        var native: [OpaquePointer?] = [rd_kafka_ListConsumerGroupOffsets_new(groupID, nil)]
        defer { rd_kafka_ListConsumerGroupOffsets_destroy_array(&native, native.count) }
        do throws(KafkaError) {
            return try request(
                .readGroupOffsets, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout: timeout, outlivesCaller: true
            ) { client, options, queue in
                rd_kafka_ListConsumerGroupOffsets(client, &native, native.count, options, queue)
            } read: { event throws(KafkaError) in
                var count = 0
                let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
                    rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
                guard count > 0, let group = groups?[0] else { return [] }
                if let error = Self.error(rd_kafka_group_result_error(group), .readGroupOffsets) { throw error }
                let partitions = rd_kafka_group_result_partitions(group)
                let copy = PartitionList(copying: partitions)
                guard let copy else { return [] }
                if let error = copy.firstError(.readGroupOffsets) { throw error }
                return copy.offsets.map {
                    CommittedOffset(
                        partition: $0.partition, offset: $0.offset >= 0 ? $0.offset : nil, metadata: $0.metadata)
                }
            }
        } catch {
            throw error.with(group: groupID)
        }
    }

    private static func description(
        of group: OpaquePointer, _ groupID: String
    ) throws(KafkaError) -> GroupDescription {
        if let error = error(rd_kafka_ConsumerGroupDescription_error(group), .describeGroup) { throw error }
        let state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group))
        let members = (0..<rd_kafka_ConsumerGroupDescription_member_count(group)).compactMap { index in
            rd_kafka_ConsumerGroupDescription_member(group, index).map(member)
        }
        return GroupDescription(
            groupID: groupID,
            state: state.flatMap { GroupDescription.State(rawValue: String(cString: $0)) } ?? .unknown,
            assignor: text(rd_kafka_ConsumerGroupDescription_partition_assignor(group)), members: members)
    }

    private static func member(_ member: OpaquePointer) -> GroupDescription.Member {
        let partitions = rd_kafka_MemberDescription_assignment(member)
            .flatMap { rd_kafka_MemberAssignment_partitions($0) }
        return GroupDescription.Member(
            memberID: text(rd_kafka_MemberDescription_consumer_id(member)),
            clientID: text(rd_kafka_MemberDescription_client_id(member)),
            host: text(rd_kafka_MemberDescription_host(member)),
            partitions: partitions.map { PartitionList.partitions(of: $0) } ?? [])
    }

    /// An error that belongs to a result, and is destroyed with it.
    private static func error(_ error: OpaquePointer?, _ operation: KafkaOperation) -> KafkaError? {
        guard let error, rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(
            operation, code: rd_kafka_error_code(error), reason: String(cString: rd_kafka_error_string(error)))
    }

    private static func text(_ string: UnsafePointer<CChar>?) -> String {
        string.map { String(cString: $0) } ?? ""
    }
}
