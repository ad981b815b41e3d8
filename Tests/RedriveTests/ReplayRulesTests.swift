import Events
import Redrive
import Testing

@Suite("What a replay does with a record")
struct ReplayRulesTests {
    private func letter(_ topic: String) -> DeadLetter {
        var letter = DeadLetter()
        letter.origin = Origin(topic: topic, partition: 0, offset: 1)
        return letter
    }

    @Test("not selected is done; selected goes out; to its origin only where that is allowed")
    func routes() throws {
        var rules = ReplayRules(route: .topic("r"), run: "x", destinations: [:])
        #expect(try rules.verdict(.rejected, origin: "a") == .drop(reason: nil))
        #expect(try rules.verdict(.selected, origin: "a") == .redrive)
        rules.route = nil
        #expect(try rules.verdict(.selected, origin: "any") == .redrive, "an archive takes all")
        rules.route = .origin(allowed: ["a"])
        #expect(try rules.verdict(.selected, origin: "a") == .redrive)
        #expect(rules.destination(letter("a")) == "a")
        #expect(try rules.verdict(.selected, origin: "b") == .drop(reason: ReplayReason.originNotAllowed))
    }

    @Test("what cannot be read is left out with its reason, ends the run, or is published where its headers select it")
    func undecodable() throws {
        var rules = ReplayRules(route: .topic("r"), run: "x", destinations: [:])
        let known = ReplayInspector.Finding.undecodable(reason: "avro.malformed", isSelected: true)
        let unknown = ReplayInspector.Finding.undecodable(reason: "avro.malformed", isSelected: false)
        #expect(try rules.verdict(known, origin: "a") == .drop(reason: "avro.malformed"))
        rules.onUndecodable = .publish
        #expect(try rules.verdict(known, origin: "a") == .redrive)
        #expect(try rules.verdict(unknown, origin: "a") == .drop(reason: "avro.malformed"))
        rules.onUndecodable = .stop
        #expect(throws: UndecodableRecord.self) { try rules.verdict(known, origin: "a") }
    }

    @Test("a run's pinned range: below it all is done, and what retention took of it is missed")
    func range() throws {
        let owner = ProgressOwner(group: "g", topic: "t", partition: 0)
        func start(logStart: Int64, _ range: Range<Int64>?) throws -> PartitionStart {
            try PartitionFacts(
                owner: owner, committed: nil, image: ProgressImage(), logStart: logStart, highWatermark: 100
            ).reconcile(acceptReset: false, range: range)
        }
        let fresh = try start(logStart: 5, 20..<60)
        #expect(fresh.done.committed == 20 && fresh.gone == 0)
        let overtaken = try start(logStart: 30, 20..<60)
        #expect(overtaken.done.committed == 30 && overtaken.gone == 10)
        let beyond = try start(logStart: 80, 20..<60)
        #expect(beyond.gone == 40)
        let outside = try start(logStart: 80, 0..<0)
        #expect(outside.gone == 0 && outside.done.committed == 80)
        #expect(try start(logStart: 80, nil).gone == 0)
    }

    @Test("slots and partitions of several topics stand for each other; of one topic they are the same")
    func slots() {
        let one = SourceTopics(["a"])
        #expect(one.slot(of: "a", 70_000) == 70_000 && one.partition(of: 70_000) == 70_000)
        let three = SourceTopics(["a", "b", "c"])
        for topic in three.names {
            for partition: Int32 in [0, 1, SourceTopics.maximumPartitions - 1] {
                let slot = three.slot(of: topic, partition) ?? -1
                #expect(three.topic(of: slot) == topic && three.partition(of: slot) == partition)
            }
        }
        #expect(three.slot(of: "d", 0) == nil)
    }
}
