import Glibc
import Synchronization
package import Testing

/// A real Apache Kafka of the test's own: private ports and directories, gone with the last reference or the process.
package final class ScratchKafka: Sendable {
    /// The nodes, by rising id.
    package let nodes: [ScratchKafkaNode]
    /// For `bootstrap.servers`: all nodes.
    package let bootstrapServers: String
    /// The same for each further listener, by its name.
    package let listeners: [String: String]

    private let admin: KafkaAdmin
    private let directory: ScratchDirectory

    /// The trait for suites that need Apache Kafka: absent, they are skipped; absent with CI=true, they fail.
    package static var requirement: ConditionTrait { ServiceHome.kafka.requirement }

    private static let sharedTask = Mutex<Task<ScratchKafka, any Error>?>(nil)

    /// The one single-node cluster that the tests of this process share; started on first use, ended with the process.
    /// Leave it running: tests that kill or freeze brokers ``start(nodes:overrides:heap:)`` their own.
    package static func shared() async throws -> ScratchKafka {
        let task = sharedTask.withLock { task in
            let running = task ?? Task { try await start() }
            task = running
            return running
        }
        return try await task.value
    }

    /// Formats and starts a cluster and waits until it answers (3 to 7 s a node).
    ///
    /// With three nodes internal topics are replicated three times with `min.insync.replicas=2`. `overrides` are broker
    /// properties and win over the fixture's own. `heap` are the JVM's memory options.
    package static func start(
        nodes count: Int = 1, listeners: [KafkaListener] = [], overrides: [String: String] = [:],
        heap: String = "-Xmx512m -Xms256m"
    ) async throws -> ScratchKafka {
        let home = try ServiceHome.kafka.required()
        let directory = try ScratchDirectory("kafka")
        let ports = try (0..<count).map { _ in (broker: try FreePort.next(), controller: try FreePort.next()) }
        let nodes = ports.enumerated().map { index, port in
            ScratchKafkaNode(
                id: Int32(index + 1), port: port.broker, home: home, directory: directory, heap: heap)
        }
        let voters = ports.enumerated().map { "\($0 + 1)@127.0.0.1:\($1.controller)" }.joined(separator: ",")
        let clusterID = randomClusterID()
        var addresses: [String: [String]] = [:]
        for (node, port) in zip(nodes, ports) {
            var properties = kafkaProperties(
                node: node, nodes: count, controllerPort: port.controller, voters: voters,
                logDirectory: directory.file("data\(node.id)"))
            let more = try listeners.map { ($0, port: try FreePort.next()) }
            KafkaListener.add(more, to: &properties)
            for (listener, port) in more { addresses[listener.name, default: []].append("127.0.0.1:\(port)") }
            try await node.format(
                properties: properties.merging(overrides) { _, given in given }, clusterID: clusterID)
            try node.start()
        }
        let kafka = try ScratchKafka(
            nodes: nodes, listeners: addresses.mapValues { $0.joined(separator: ",") }, directory: directory)
        try await kafka.waitUntilReady()
        return kafka
    }

    private init(nodes: [ScratchKafkaNode], listeners: [String: String], directory: ScratchDirectory) throws {
        self.nodes = nodes
        self.listeners = listeners
        self.directory = directory
        bootstrapServers = nodes.map(\.address).joined(separator: ",")
        admin = try KafkaAdmin(bootstrapServers: bootstrapServers)
    }

    /// Waits until the cluster lists every node whose process runs.
    package func waitUntilReady(deadline: Double = 90) async throws {
        let wanted = Set(nodes.filter(\.isRunning).map(\.id))
        let isReady = await eventually(deadline: deadline) {
            if nodes.contains(where: { wanted.contains($0.id) && !$0.isRunning }) { return true }
            return await admin.brokers().isSuperset(of: wanted)
        }
        let died = nodes.filter { wanted.contains($0.id) && !$0.isRunning }
        if let node = died.first { throw TestSupportError("Kafka node \(node.id) ended:\n\(node.logTail)") }
        guard isReady, !wanted.isEmpty else {
            throw TestSupportError("Kafka is not ready:\n\(nodes.map(\.logTail).joined(separator: "\n"))")
        }
    }

    /// Creates a topic whose name starts with `label` and is used by no other test, and returns the name.
    package func createTopic(
        _ label: String, partitions: Int = 1, replication: Int? = nil, settings: [String: String] = [:]
    ) async throws -> String {
        let name = uniqueName(label)
        try await createTopic(named: name, partitions: partitions, replication: replication, settings: settings)
        return name
    }

    /// Creates a topic of exactly this name; replicated on every node unless told otherwise.
    package func createTopic(
        named name: String, partitions: Int = 1, replication: Int? = nil, settings: [String: String] = [:]
    ) async throws {
        try await admin.createTopic(
            name, partitions: partitions, replication: replication ?? nodes.count, settings: settings)
    }

    /// TERM to all nodes, KILL after 30 seconds. Not needed at a test's end: letting go of the fixture kills them.
    package func stop() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await node.stop() } }
            try await group.waitForAll()
        }
    }

    /// Runs one of Kafka's own tools, for example `kafka-consumer-groups.sh`, with `--bootstrap-server` added.
    package func tool(_ script: String, _ arguments: [String], deadline: Double = 60) async throws -> ProcessResult {
        let home = try ServiceHome.kafka.required()
        return try await ProcessRunner.run(
            ["\(home)/bin/\(script)", "--bootstrap-server", bootstrapServers] + arguments,
            environment: ["LOG_DIR": directory.file("logs-tool"), "KAFKA_HEAP_OPTS": "-Xmx256m"], deadline: deadline)
    }

    /// Runs kcat against this cluster.
    package func kcat(
        _ arguments: [String], input: ChildProcess.Input = .none, deadline: Double = 60
    ) async throws -> ProcessResult {
        try await ProcessRunner.run(["kcat", "-b", bootstrapServers] + arguments, input: input, deadline: deadline)
    }
}

/// A name that starts with `label` and is used once in this process, and by no other that runs now.
package func uniqueName(_ label: String) -> String {
    "\(label)-\(getpid())-\(nameCounter.wrappingAdd(1, ordering: .relaxed).newValue)"
}

private let nameCounter = Atomic<Int>(0)
