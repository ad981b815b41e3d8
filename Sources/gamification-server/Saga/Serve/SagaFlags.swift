import CommandLine

/// The flags of the saga, which `serve` and `check-config` have.
enum SagaFlags {
    static let rules = Flag(
        "rules", placeholder: "FILE", env: "GAMIFICATION_RULES", completion: .file, section: "Events",
        help: "Badge rules (docs/badge-rules.md), read again on SIGHUP; without it no badge is awarded for points")
    static let group = Flag(
        "group", placeholder: "GROUP", env: "GAMIFICATION_GROUP", default: "gamification-server", section: "Events",
        help: "Consumer group of all instances")
    static let drainGroup = Flag(
        "drain-group", placeholder: "GROUP", env: "GAMIFICATION_DRAIN_GROUP",
        default: "gamification.drain.gamification.dlq", section: "Events",
        help: "Group by whose progress the size of the dead-letter queue is measured")
    static let floodShare = Flag(
        "flood-share", placeholder: "PERCENT", env: "GAMIFICATION_FLOOD_SHARE", default: "50", section: "Events",
        help: "Pause consumption when more than this share of the last 1,000 records would be dead-lettered; 100 never")
    static let floodRun = Flag(
        "flood-run", placeholder: "N", env: "GAMIFICATION_FLOOD_RUN", default: "50", section: "Events",
        help: "Pause consumption when so many records in a row would be dead-lettered; 0 never")

    static let all = [rules, group, drainGroup, floodShare, floodRun]
}
