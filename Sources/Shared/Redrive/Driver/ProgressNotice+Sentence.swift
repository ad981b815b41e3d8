import Events

extension ProgressNotice {
    /// For the operator.
    package func sentence(topic: String) -> String {
        switch self {
        case .committedOffsetMissing(let partition, let writtenAt):
            "the broker has forgotten the group's offset of \(topic)[\(partition)]; the progress written at "
                + "\(RFC3339.string(milliseconds: writtenAt)) stands in for it"
        case .offsetBehindProgress(let partition):
            "a run was killed between progress and offset of \(topic)[\(partition)]; the progress is followed"
        case .resetAccepted(let partition, let offset):
            "the offset \(offset) that another program set for \(topic)[\(partition)] is followed"
        }
    }
}
