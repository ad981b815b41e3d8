import Kafka
import TestSupport
import Testing

@Suite("Archives that are damaged", ScratchKafka.requirement)
struct DamagedArchiveTests {
    @Test("what lies before the damage is published, the rest is told of, and the run ends with 3")
    func damaged() async throws {
        let scene = try await Scene("damaged", records: 0)
        try await scene.publish(
            (0..<3_000).map { number in
                OutgoingRecord(
                    partition: Int32(number % 3), key: Array("\(number)".utf8),
                    value: (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* number &+ $0 >> 3) })
            })
        let directory = try ScratchDirectory()
        let path = directory.file("whole.avro")
        let written = try await Program.run(
            scene.flags("w", ["--topic", scene.source, "--to-file", path, "--rate", "max"]))
        #expect(written.exitCode == 0, "\(written.errors)")
        let bytes = try readBytes(path)
        var changed = bytes
        for index in bytes.count / 2..<bytes.count / 2 + 64 { changed[index] ^= 0x5A }
        for (name, content) in [("changed", changed), ("cut", Array(bytes.prefix(bytes.count * 2 / 3)))] {
            let file = directory.file("\(name).avro")
            try writeBytes(content, to: file)
            let before = try await scene.committed(scene.destination).count
            let flags = ["--from-file", file, "--to", scene.destination, "--rate", "max"]
            let part = try await Program.run(scene.flags(name, flags))
            #expect(part.exitCode == 3, "\(name): \(part.errors)")
            #expect(part.errors.contains("is damaged from byte"), "\(name): \(part.errors)")
            let count = try await scene.committed(scene.destination).count - before
            #expect(count > 500 && count < 2_500 && part.count("redriven") == count, "\(name): \(count) \(part.output)")
            // Again it has nothing left to do, and says the same.
            let again = try await Program.run(scene.flags(name, flags))
            #expect(again.exitCode == 3 && again.count("redriven") == 0, "\(name): \(again.errors)")
        }
    }
}
