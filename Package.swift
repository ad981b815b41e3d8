// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// One Debian client library: a module map and a shim, no code of its own.
func cLibrary(_ name: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Shared/CLibraries/\(name)")
}

/// One folder of the client library.
func shared(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", swiftSettings: settings)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: settings)
}

func test(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "gamification-toolkit",
    products: [
        .executable(name: "reprocess-dlq", targets: ["reprocess-dlq"]),
        .executable(name: "cleanup-translations", targets: ["cleanup-translations"]),
        .executable(name: "replay", targets: ["replay"]),
        .executable(name: "gamification-server", targets: ["gamification-server"]),
    ],
    targets: [
        cLibrary("CRdKafka"),
        cLibrary("CAvro"),
        cLibrary("CLibPQ"),
        cLibrary("CHiredis"),
        cLibrary("CCurl"),
        cLibrary("CCrypto"),
        cLibrary("CLibEvent"),
        cLibrary("CSSL"),
        cLibrary("CNGHTTP2"),
        cLibrary("CZlib"),
        cLibrary("CJemalloc"),

        shared("Lifecycle"),
        shared("Observability"),
        shared("Pacing", ["Lifecycle"]),
        shared("Crypto", ["CCrypto"]),
        shared("Configuration"),
        shared("CommandLine", ["Configuration"]),
        shared("JSON"),
        shared("Avro", ["CAvro", "JSON"]),
        shared("HTTPClient", ["CCurl", "Lifecycle"]),
        shared("SchemaRegistry", ["HTTPClient", "Lifecycle", "Pacing"]),
        shared("EventLoop", ["CLibEvent", "CSSL", "Lifecycle"]),
        shared("GRPC", ["EventLoop", "CNGHTTP2", "CZlib", "Lifecycle"]),
        shared("Events", ["Avro", "SchemaRegistry"]),
        shared("Kafka", ["CRdKafka", "Lifecycle"]),
        shared("Postgres", ["CLibPQ", "Crypto", "Lifecycle"]),
        shared("Redis", ["CHiredis", "Configuration", "Crypto", "Lifecycle"]),
        shared(
            "Redrive",
            ["Kafka", "Avro", "SchemaRegistry", "Events", "Pacing", "Crypto", "Lifecycle", "Observability"]),

        shared("Runs", ["CommandLine", "JSON", "Kafka", "Redrive", "Events", "Lifecycle"]),
        shared("Archive", ["Avro", "Kafka"]),
        shared(
            "ToolKit",
            [
                "CommandLine", "Configuration", "Redrive", "Runs", "Kafka", "HTTPClient", "SchemaRegistry", "Events",
                "Lifecycle", "Observability", "Crypto",
            ]),

        shared("PostgresKit", ["CommandLine", "Configuration", "Postgres", "ToolKit"]),
        shared("RedisKit", ["CommandLine", "Configuration", "Redis", "ToolKit"]),
        shared("Translations", ["Avro", "Postgres", "Redis"]),
        shared("SharedPacing", ["Pacing", "Redis", "Crypto", "Lifecycle"]),

        executable(
            "reprocess-dlq",
            [
                "ToolKit", "Runs", "Archive", "CommandLine", "Configuration", "Redrive", "Kafka", "Avro", "JSON",
                "HTTPClient",
                "SchemaRegistry", "Events",
                "Pacing", "Lifecycle", "Observability", "Crypto", "CJemalloc",
            ]),
        executable(
            "cleanup-translations",
            [
                "ToolKit", "PostgresKit", "RedisKit", "CommandLine", "Configuration", "Postgres", "Redis", "Kafka",
                "Avro", "SchemaRegistry", "Translations", "Crypto", "Lifecycle", "Observability",
            ]),
        executable(
            "gamification-server",
            [
                "ToolKit", "PostgresKit", "RedisKit", "Translations", "CommandLine", "Configuration", "Postgres",
                "Redis", "Redrive", "Kafka", "Avro", "Events", "JSON", "SchemaRegistry", "HTTPClient", "EventLoop",
                "GRPC",
                "GamificationProtocol", "Observability", "Lifecycle", "Crypto", "CJemalloc",
            ]),
        executable(
            "replay",
            [
                "ToolKit", "Runs", "Archive", "CommandLine", "Configuration", "Redrive", "Kafka", "Avro",
                "SchemaRegistry", "Events", "Pacing", "Lifecycle", "Observability", "Crypto", "CJemalloc",
                "Redis", "RedisKit", "SharedPacing",
            ]),
        executable(
            "mock-services",
            ["CRdKafka", "EventLoop", "GRPC", "GamificationProtocol", "CommandLine", "Avro", "Lifecycle"]),

        .target(
            name: "TestSupport", dependencies: ["CRdKafka", "Lifecycle"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(
            name: "RedriveSimulation", dependencies: ["Redrive"], path: "Tests/RedriveSimulation",
            swiftSettings: settings),
        .executableTarget(
            name: "simulate-redrive", dependencies: ["RedriveSimulation", "Redrive"], path: "Tests/simulate-redrive",
            swiftSettings: settings),
        .executableTarget(
            name: "demo-dlq",
            dependencies: [
                "CommandLine", "Configuration", "Kafka", "Avro", "HTTPClient", "SchemaRegistry", "Events", "Redrive",
                "Lifecycle",
            ], path: "Tests/demo-dlq", swiftSettings: settings),
        .target(
            name: "CGamificationProtocol", path: "Sources/GamificationProtocol/Generated", publicHeadersPath: ".",
            linkerSettings: [.linkedLibrary("protobuf-c")]),
        .target(
            name: "GamificationProtocol", dependencies: ["CGamificationProtocol"],
            path: "Sources/GamificationProtocol/Messages", swiftSettings: settings),
        test("GamificationProtocolTests", ["GamificationProtocol", "TestSupport"]),
        .target(
            name: "LoopTestSupport",
            dependencies: ["EventLoop", "GRPC", "GamificationProtocol", "Lifecycle", "TestSupport"],
            path: "Tests/LoopTestSupport", swiftSettings: settings),
        .executableTarget(
            name: "grpc-echo", dependencies: ["EventLoop", "GRPC"], path: "Tests/grpc-echo", swiftSettings: settings),
        .executableTarget(
            name: "award-load", dependencies: ["EventLoop", "GRPC", "GamificationProtocol", "Lifecycle"],
            path: "Tests/award-load", swiftSettings: settings),
        test(
            "GRPCTests", ["EventLoop", "GRPC", "grpc-echo", "Lifecycle", "LoopTestSupport", "TestSupport"],
            resources: [.copy("Fixtures")]),
        test("EventLoopTests", ["EventLoop", "Lifecycle", "LoopTestSupport", "TestSupport"]),
        test("TestSupportTests", ["TestSupport"]),
        .target(
            name: "RedriveProofs",
            dependencies: ["Kafka", "KafkaTestSupport", "Lifecycle", "RedriveSimulation", "TestSupport"],
            path: "Tests/RedriveProofs", swiftSettings: settings),
        .executableTarget(
            name: "prove-redrive", dependencies: ["RedriveProofs", "TestSupport"], path: "Tests/prove-redrive",
            swiftSettings: settings),
        .target(
            name: "ServerProofs",
            dependencies: [
                "EventLoop", "GRPC", "GamificationProtocol", "HTTPClient", "Kafka", "Lifecycle", "LoopTestSupport",
                "Postgres", "RedriveProofs", "RedriveSimulation", "SchemaRegistry", "TestSupport",
            ], path: "Tests/ServerProofs", swiftSettings: settings),
        .executableTarget(
            name: "prove-server", dependencies: ["ServerProofs"], path: "Tests/prove-server", swiftSettings: settings),
        test("LifecycleTests", ["Lifecycle", "TestSupport"]),
        test("ObservabilityTests", ["Observability", "TestSupport"]),
        test("PacingTests", ["Pacing", "Lifecycle"]),
        test(
            "ReplayTests",
            [
                "replay", "reprocess-dlq", "mock-services", "Archive", "Avro", "HTTPClient", "Kafka",
                "KafkaTestSupport",
                "Lifecycle", "Redrive", "SchemaRegistry", "TestSupport",
            ], resources: [.copy("Fixtures")]),
        test("ArchiveTests", ["Archive", "Avro", "Kafka", "TestSupport"]),
        test("RunsTests", ["Runs", "Redrive"]),
        test("CryptoTests", ["Crypto"]),
        test(
            "CommandLineModuleTests", ["CommandLine", "Configuration", "TestSupport"],
            resources: [.copy("Fixtures")]),
        test("AvroTests", ["Avro", "CAvro", "TestSupport"], resources: [.copy("Fixtures")]),
        test(
            "SchemaRegistryTests",
            ["SchemaRegistry", "HTTPClient", "Lifecycle", "mock-services", "TestSupport"]),
        test(
            "MockServicesTests", ["GRPC", "GamificationProtocol", "LoopTestSupport", "mock-services", "TestSupport"]),
        test("EventsTests", ["Events", "Avro", "SchemaRegistry", "TestSupport"], resources: [.copy("Fixtures")]),
        .target(
            name: "KafkaTestSupport", dependencies: ["Kafka", "Lifecycle", "TestSupport"],
            path: "Tests/KafkaTestSupport", swiftSettings: settings),
        test("KafkaTests", ["Kafka", "KafkaTestSupport", "CRdKafka", "Lifecycle", "TestSupport"]),
        test("PostgresTests", ["Postgres", "Lifecycle", "TestSupport"]),
        test("RedisTests", ["Redis", "Configuration", "Crypto", "Lifecycle", "TestSupport"]),
        .executableTarget(
            name: "redis-load", dependencies: ["Redis", "Lifecycle"], path: "Tests/redis-load", swiftSettings: settings),
        test("RedisKitTests", ["RedisKit", "Redis", "CommandLine", "Configuration", "ToolKit", "TestSupport"]),
        test("TranslationsTests", ["Translations", "Avro", "Postgres", "Redis", "TestSupport"]),
        test("SharedPacingTests", ["SharedPacing", "Redis", "Lifecycle", "TestSupport"]),
        test(
            "CleanupTranslationsTests",
            [
                "cleanup-translations", "Translations", "Postgres", "CommandLine", "Configuration", "Avro", "Lifecycle",
                "Observability", "ToolKit", "TestSupport",
            ]),
        test(
            "GamificationServerTests",
            [
                "gamification-server", "Avro", "CommandLine", "Configuration", "Crypto", "EventLoop", "Events", "GRPC",
                "GamificationProtocol", "Kafka", "Lifecycle", "LoopTestSupport", "Observability", "Postgres", "Redis",
                "RedriveProofs", "RedriveSimulation", "SchemaRegistry", "ServerProofs", "Translations",
                "HTTPClient", "award-load", "mock-services", "reprocess-dlq", "TestSupport",
            ]),
        test("RedriveTests", ["Redrive", "RedriveSimulation", "Kafka", "Events", "Pacing", "Avro", "TestSupport"]),
        test(
            "CommandLineTests",
            [
                "reprocess-dlq", "gamification-server", "cleanup-translations", "ToolKit", "Runs", "Redrive", "Kafka",
                "SchemaRegistry",
                "HTTPClient", "Avro",
                "Archive", "KafkaTestSupport", "Lifecycle", "TestSupport",
            ],
            resources: [.copy("Fixtures")]),
        test(
            "IntegrationTests",
            [
                "Kafka", "Redrive", "Runs", "Events", "Avro", "SchemaRegistry", "Lifecycle", "RedriveProofs",
                "KafkaTestSupport", "TestSupport",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
