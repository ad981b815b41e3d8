import CommandLine
import Events
import JSON
import Redrive
import ToolKit

/// The first line of a plan: what it is a plan for.
struct PlanHeader: Equatable, Sendable {
    static let format = "gamification.plan/1"

    let clusterID: String
    let topic: String
    let group: String
    let destination: DrainOptions.Destination
    let parkedTopic: String
    let timestamps: DrainRules.Timestamps
    let skipped: DrainRules.Skipped
    /// The command that made it.
    let command: String
    let writtenAt: String
    let by: String

    var line: String {
        let route: (to: String, allowed: [String]) =
            switch destination {
            case .topic(let name): (name, [])
            case .origin(let allowed): ("origin", allowed)
            case .nowhere: ("", [])
            }
        return JSONValue.object([
            .init("format", .string(Self.format)), .init("cluster_id", .string(clusterID)),
            .init("topic", .string(topic)), .init("group", .string(group)),
            .init("destination", .string(route.to)), .init("origins", .array(route.allowed.map { .string($0) })),
            .init("parked_topic", .string(parkedTopic)), .init("timestamp", .string(timestamps.rawValue)),
            .init("skipped", .string(skipped.rawValue)), .init("command", .string(command)),
            .init("written_at", .string(writtenAt)), .init("by", .string(by)),
        ]).line
    }

    /// Reads the line; nil where it is none of a plan.
    init?(_ line: UnsafeRawBufferPointer) {
        guard let json = try? JSONReader.read(String(decoding: line, as: UTF8.self), maximumDepth: 3),
            json["format"]?.text == Self.format, let clusterID = json["cluster_id"]?.text,
            let topic = json["topic"]?.text, let group = json["group"]?.text, let to = json["destination"]?.text,
            case .array(let origins) = json["origins"], let parkedTopic = json["parked_topic"]?.text,
            let timestamps = json["timestamp"]?.text.flatMap(DrainRules.Timestamps.init),
            let skipped = json["skipped"]?.text.flatMap(DrainRules.Skipped.init)
        else { return nil }
        self.init(
            clusterID: clusterID, topic: topic, group: group,
            destination: to == "origin" ? .origin(allowed: origins.compactMap(\.text)) : .topic(to),
            parkedTopic: parkedTopic, timestamps: timestamps, skipped: skipped,
            command: json["command"]?.text ?? "", writtenAt: json["written_at"]?.text ?? "",
            by: json["by"]?.text ?? "")
    }

    init(
        clusterID: String, topic: String, group: String, destination: DrainOptions.Destination, parkedTopic: String,
        timestamps: DrainRules.Timestamps, skipped: DrainRules.Skipped, command: String, writtenAt: String, by: String
    ) {
        self.clusterID = clusterID
        self.topic = topic
        self.group = group
        self.destination = destination
        self.parkedTopic = parkedTopic
        self.timestamps = timestamps
        self.skipped = skipped
        self.command = command
        self.writtenAt = writtenAt
        self.by = by
    }
}
