import CommandLine
import Kafka
import Redrive
import ToolKit

/// Where a run publishes, and what those topics' settings say. Blocking.
struct ReplayDestinations {
    private let options: ReplayOptions
    private let patience: Duration

    init(_ options: ReplayOptions, _ patience: Duration) {
        self.options = options
        self.patience = patience
    }

    /// - Returns: no route for an archive, which has no topic.
    func find(
        _ reader: KafkaConsumer, _ admin: KafkaAdmin
    ) throws -> (DrainRules.Route?, [String: TopicRules]) {
        var destinations: [String: TopicRules] = [:]
        let route: DrainRules.Route
        switch options.destination {
        case .topic(let name):
            route = .topic(name)
            destinations[name] = try TopicSurvey.rules(of: name, role: "destination", admin, reader, patience)
        case .origin(let allowed, let isStandard):
            for name in allowed {
                guard try TopicSurvey.exists(name, reader, patience) else {
                    if !isStandard {
                        throw Refusal(.refused, "the topic \(name), which --allow-origin names, does not exist")
                    }
                    continue
                }
                destinations[name] = try TopicSurvey.rules(of: name, role: "origin topic", admin, reader, patience)
            }
            guard !destinations.isEmpty else {
                throw Refusal(.refused, "none of the origin topics exists: \(allowed.joined(separator: ", "))")
            }
            route = .origin(allowed: Set(destinations.keys))
        case .archive: return (nil, [:])
        }
        for rules in destinations.values where rules.isCompacted {
            throw Refusal(
                .refused, "topic \(rules.topic) (cleanup.policy=compact) would drop all but the last record of a key")
        }
        return (route, destinations)
    }
}
