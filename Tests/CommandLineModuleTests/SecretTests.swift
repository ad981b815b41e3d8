import Configuration
import Glibc
import TestSupport
import Testing

@testable import CommandLine

@Suite struct SecretTests {
    @Test func secretsDoNotShow() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), "\([secret])", String(describing: Optional(secret)), dumped,
        ] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test func secretFiles() throws {
        func read(_ text: String) throws -> String {
            var result = ""
            try withFile(text) { result = try SecretFile.read($0).secret.reveal() }
            return result
        }
        #expect(try read("hunter2\n") == "hunter2")
        #expect(try read("hunter2\r\n") == "hunter2")
        #expect(try read(" two words \n\n") == " two words \n")
        #expect(throws: BoundedFile.Failure.self) { try read("") }
        #expect(throws: BoundedFile.Failure.self) { try read("\n") }
        #expect(throws: BoundedFile.Failure.self) { try read("a\u{0}b") }
        #expect(throws: BoundedFile.Failure.self) { try SecretFile.read("/nonexistent") }
        #expect(throws: BoundedFile.Failure.self) { try SecretFile.read("/tmp") }
        try withFile(bytes: [0x61, 0xFF]) { path in
            #expect(throws: BoundedFile.Failure.self) { try SecretFile.read(path) }
        }
        try withFile(bytes: [UInt8](repeating: 0x61, count: SecretFile.limit + 1)) { path in
            #expect(throws: BoundedFile.Failure.self) { try SecretFile.read(path) }
        }
    }

    @Test func aPipeIsReadToItsEndAndNotWaitedForWithoutEnd() throws {
        let directory = try ScratchDirectory("pipe")
        let path = directory.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let silence = #expect(throws: BoundedFile.Failure.self) { try BoundedFile.read(path, limit: 100, patience: 0) }
        #expect(silence?.description.contains("nothing") == true)
        // Open for both, so that neither end waits for the other.
        let writer = open(path, O_RDWR | O_CLOEXEC)
        #expect(write(writer, "hunter2\n", 8) == 8)
        let stalled = #expect(throws: BoundedFile.Failure.self) { try BoundedFile.read(path, limit: 100, patience: 0) }
        #expect(stalled?.description.contains("nothing") == true, "the writer is still there")
        close(writer)
        // As a shell gives it for `<(command)`.
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        #expect(write(ends[1], "hunter2\n", 8) == 8)
        close(ends[1])
        #expect(try BoundedFile.read("/dev/fd/\(ends[0])", limit: 100, patience: 0).bytes == Array("hunter2\n".utf8))
        close(ends[0])
    }

    @Test func aFileThatEverybodyReadsIsWarnedAbout() throws {
        try withFile(bytes: [0x61], mode: 0o644) { path in
            #expect(try SecretFile.read(path).warning?.contains("chmod o-r") == true)
            var reader = try Sample.reader(["--schema-registry-password-file", path, "-X", "sasl.password=@\(path)"])
            same(reader.secret(Sample.password)?.reveal(), "a")
            same(reader.kafkaProperties()["sasl.password"]?.reveal(), "a")
            #expect(reader.warnings.count == 1)
        }
        try withFile(bytes: [0x61], mode: 0o640) { path in
            let reading = try SecretFile.read(path)
            #expect(reading.warning == nil)
        }
    }

    @Test func secretsFromTheEnvironmentAndFromMissingFiles() throws {
        var reader = try Sample.reader([], environment: ["SCHEMA_REGISTRY_PASSWORD": "hunter2"])
        same(reader.secret(Sample.password)?.reveal(), "hunter2")
        var missing = try Sample.reader(["--schema-registry-password-file", "/nonexistent"])
        same(missing.secret(Sample.password), nil)
        #expect(
            missing.problems.map(\.description)
                == ["--schema-registry-password-file: the file '/nonexistent' does not exist"])
    }

    @Test func secretPropertiesAreRefusedOnTheCommandLine() throws {
        for name in KafkaProperties.secretNames.sorted() {
            var reader = try Sample.reader(["-X", "\(name)=hunter2"])
            same(reader.kafkaProperties()[name], nil)
            let message = try #require(reader.problems.first).description
            #expect(message.contains("\(name)=@FILE"))
            #expect(message.contains("KAFKA_X_\(name.uppercased().replacing(".", with: "_"))"))
            #expect(!message.contains("hunter2"))
        }
    }

    @Test func propertiesAreJoinedByPrecedence() throws {
        try withFile("property = a=file\nproperty = b=file\nproperty = c=file\nproperty=sasl.password=@@at\n") { path in
            var reader = try Sample.reader(
                ["--config", path, "-X", "a=flag", "-Xe="],
                environment: ["KAFKA_X_A": "environment", "KAFKA_X_B": "environment", "KAFKA_X_D_E": "environment"])
            let properties = reader.kafkaProperties()
            #expect(
                properties.description
                    == "a=flag b=environment c=file sasl.password=*** d.e=environment e=")
            #expect(properties["sasl.password"]?.reveal() == "@at")
            #expect(!"\(properties)".contains("@at"))
            #expect(reader.problems.isEmpty)
        }
    }

    @Test func aProgramsOwnPropertiesAreAddedToThoseOfAll() throws {
        try withFile("property = a=1\nproperty = b=1\n[sample]\nproperty = b=2\n") { path in
            var reader = try Sample.reader(["--config", path])
            same(reader.kafkaProperties().description, "a=1 b=2")
            try reader.finish()
        }
    }

    @Test(arguments: [
        ("=x", "a property is name=value"), ("novalue", "a property is name=value"),
        ("a b=c", "is not a property name"),
        ("enable.auto.commit=true", "cannot be set: the program commits"), ("\u{1B}=x", "is not a property name"),
        ("sasl.password=@/nonexistent", "does not exist"), ("sasl.password=@", "is a secret"),
        ("sasl.password=", "is a secret"),
    ])
    func wrongProperties(_ text: String, _ message: String) throws {
        var reader = try Sample.reader(["-X", text])
        _ = reader.kafkaProperties(reserved: ["enable.auto.commit": "the program commits"])
        #expect(reader.problems.count == 1)
        #expect(reader.problems.first?.message.contains(message) == true, "\(reader.problems)")
    }

    @Test func aPropertyGivenTwiceIsAMistake() throws {
        var reader = try Sample.reader(["-X", "a=1", "-X", "a=2"])
        _ = reader.kafkaProperties()
        #expect(reader.problems.map(\.description) == ["-X: a is given twice; give it once"])
        var many = try Sample.reader((0...KafkaProperties.limit).flatMap { ["-X", "p\($0)=1"] })
        _ = many.kafkaProperties()
        #expect(many.problems.count == 1)
    }
}
