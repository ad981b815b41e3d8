import Foundation
import Testing

@testable import Avro

@Suite struct ContainerTests {
    static let schemaText = #"""
        {"type":"record","name":"Archived","doc":"kept","fields":[{"name":"offset","type":"long"},
         {"name":"id","type":{"type":"string","logicalType":"uuid"}},{"name":"value","type":"bytes"}]}
        """#

    /// A directory of its own for one test.
    static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "avro-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try body(directory.appending(path: "archive.avro").path)
    }

    static func record(_ number: Int) -> AvroValue {
        .record([
            .long(Int64(number)), .string(uuid(number)), .bytes(Array(repeating: UInt8(number & 0xFF), count: 100)),
        ])
    }

    private static func uuid(_ number: Int) -> String {
        let digits = String(number)
        return "6f1e1d0a-7d7e-4c1d-9d57-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static func write(_ path: String, _ numbers: Range<Int>, codec: AvroContainerCodec, blockBytes: Int = 4_096) throws
    {
        var writer = try AvroContainerWriter.create(
            path: path, schemaText: schemaText, codec: codec, blockBytes: blockBytes)
        for number in numbers { try writer.append(record(number)) }
        #expect(writer.recordCount == numbers.count)
        try writer.close()
    }

    /// The numbers of the records up to the end or the first damage, -1 for one that is not as it was written.
    static func read(_ path: String) throws -> (numbers: [Int], blocks: Int, error: AvroContainerError?) {
        var reader = try AvroContainerReader(path: path)
        var numbers: [Int] = []
        var blocks = 0
        do {
            while let block = try reader.nextBlock() {
                blocks += 1
                try block.forEach { _, value in
                    guard case .record(let fields) = value, case .long(let number) = fields[0] else { return }
                    numbers.append(value == record(Int(number)) ? Int(number) : -1)
                }
            }
        } catch let error as AvroContainerError {
            return (numbers, blocks, error)
        }
        return (numbers, blocks, nil)
    }

    static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
    static func put(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

    @Test(arguments: [AvroContainerCodec.null, .deflate]) func whatIsWrittenIsRead(codec: AvroContainerCodec) throws {
        try Self.withPath { path in
            try Self.write(path, 0..<1_000, codec: codec)
            let (numbers, blocks, error) = try Self.read(path)
            #expect(numbers == Array(0..<1_000) && blocks > 10 && error == nil)
            let reader = try AvroContainerReader(path: path)
            #expect(reader.schemaText == Self.schemaText)
            #expect(reader.codec == codec)
            #expect(reader.schema[try #require(reader.schema.record).fields[1].type].logicalType == .uuid)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func anEmptyFileOfNoRecordsIsRead() throws {
        try Self.withPath { path in
            try Self.write(path, 0..<0, codec: .deflate)
            let (numbers, blocks, error) = try Self.read(path)
            #expect(numbers.isEmpty && blocks == 0 && error == nil)
        }
    }

    @Test func aRecordLargerThanABlockIsWritten() throws {
        try Self.withPath { path in
            var writer = try AvroContainerWriter.create(
                path: path, schemaText: #""bytes""#, codec: .null, blockBytes: 1_024)
            let sizes = [10, 100_000, 20, 300_000, 30]
            for size in sizes { try writer.append(.bytes(Array(repeating: 7, count: size))) }
            try writer.close()
            var reader = try AvroContainerReader(path: path)
            var found: [Int] = []
            while let block = try reader.nextBlock() {
                try block.forEach { _, value in
                    if case .bytes(let bytes) = value { found.append(bytes.count) }
                }
            }
            #expect(found == sizes)
        }
    }

    @Test func existingFilesAreNotOverwritten() throws {
        try Self.withPath { path in
            try Self.put([1, 2, 3], path)
            let error = #expect(throws: AvroContainerError.self) {
                _ = try AvroContainerWriter.create(path: path, schemaText: #""int""#)
            }
            #expect(error?.kind == .system(EEXIST))
            #expect(try Self.bytes(path) == [1, 2, 3])
        }
    }

    /// Opening a pipe into which nobody writes would wait for ever.
    @Test func aPipeIsNoContainer() throws {
        try Self.withPath { path in
            try #require(mkfifo(path, 0o600) == 0)
            let error = #expect(throws: AvroContainerError.self) { _ = try AvroContainerReader(path: path) }
            #expect(error?.path == path)
        }
    }

    /// Cut anywhere, the file gives every block that is whole, is cut back to it, and goes on from there.
    @Test func aFileCutOffAnywhereGoesOnFromItsLastWholeBlock() throws {
        try Self.withPath { path in
            try Self.write(path, 0..<60, codec: .deflate, blockBytes: 1_024)
            let whole = try Self.bytes(path)
            var reader = try AvroContainerReader(path: path)
            var ends = [Int(reader.nextBlockOffset)]
            var counts = [0]
            while let block = try reader.nextBlock() {
                ends.append(Int(block.end))
                counts.append((counts.last ?? 0) + Int(block.recordCount))
            }
            #expect(ends.last == whole.count && ends.count > 4)
            for size in stride(from: ends[0], through: whole.count, by: 61) {
                try Self.put(Array(whole[..<size]), path)
                let complete = try #require(ends.lastIndex { $0 <= size })
                let (numbers, _, error) = try Self.read(path)
                #expect(numbers == Array(0..<counts[complete]))
                #expect((error == nil) == (ends[complete] == size))
                if let error { #expect(error.kind == .incomplete && error.offset == Int64(ends[complete])) }
                var writer = try AvroContainerWriter.resume(path: path)
                #expect(writer.recordCount == Int64(counts[complete]))
                for number in counts[complete]..<70 { try writer.append(Self.record(number)) }
                try writer.close()
                let again = try Self.read(path)
                #expect(again.numbers == Array(0..<70) && again.error == nil)
            }
        }
    }

    @Test func cuttingBackSaysWhereTheFileStands() throws {
        try Self.withPath { path in
            try Self.write(path, 0..<60, codec: .null, blockBytes: 1_024)
            let whole = try Self.bytes(path)
            try Self.put(whole + Array(repeating: 0, count: 5_000), path)
            let tail = try AvroContainerTail.cutBack(path: path)
            #expect(tail.end == Int64(whole.count) && tail.removedBytes == 5_000 && tail.recordCount == 60)
            #expect(try Self.bytes(path) == whole)
            let unchanged = try AvroContainerTail.cutBack(path: path)
            #expect(unchanged.removedBytes == 0 && unchanged.lastBlockOffset == tail.lastBlockOffset)
            var reader = try AvroContainerReader(path: path)
            while reader.nextBlockOffset < (tail.lastBlockOffset ?? 0) { _ = try reader.nextBlock() }
            let last = try #require(try reader.nextBlock())
            #expect(last.end == tail.end)
        }
    }

    @Test(arguments: [AvroContainerCodec.null, .deflate]) func damageInTheMiddleIsReported(codec: AvroContainerCodec)
        throws
    {
        try Self.withPath { path in
            try Self.write(path, 0..<60, codec: codec, blockBytes: 1_024)
            let whole = try Self.bytes(path)
            var reader = try AvroContainerReader(path: path)
            let first = try #require(try reader.nextBlock())
            let second = try #require(try reader.nextBlock())
            var random = Seeded()
            for place in Int(second.offset)..<Int(second.end) {
                var damaged = whole
                damaged[place] ^= UInt8(1 + random.below(255))
                try Self.put(damaged, path)
                let (numbers, _, error) = try Self.read(path)
                // A change inside the data may still be Avro; nothing before it may be lost, whatever it is.
                #expect(numbers.starts(with: 0..<Int(first.recordCount)) || error == nil)
                if let error { #expect(error.offset == second.offset) }
                if place >= Int(second.end) - 16 {
                    #expect(error?.kind == .damaged)
                    let refused = #expect(throws: AvroContainerError.self) { try AvroContainerTail.cutBack(path: path) }
                    #expect(refused?.kind == .damaged)
                    #expect(try Self.bytes(path) == damaged)
                }
            }
        }
    }

    @Test func readingCanGoOnBehindDamage() throws {
        try Self.withPath { path in
            try Self.write(path, 0..<60, codec: .null, blockBytes: 1_024)
            var reader = try AvroContainerReader(path: path)
            _ = try reader.nextBlock()
            let second = try #require(try reader.nextBlock())
            let rest = try #require(try reader.nextBlock())
            var damaged = try Self.bytes(path)
            damaged[Int(second.end) - 1] ^= 1
            try Self.put(damaged, path)
            var again = try AvroContainerReader(path: path)
            _ = try again.nextBlock()
            #expect(throws: AvroContainerError.self) { try again.nextBlock() }
            #expect(try again.skipDamage())
            // The damaged marker leaves the next one as the first to be found.
            #expect(again.nextBlockOffset == rest.end)
            while try again.nextBlock() != nil {}
        }
    }

    @Test func filesThatAreNoContainersAreRefused() throws {
        try Self.withPath { path in
            let cases: [([UInt8], AvroContainerError.Kind)] = [
                ([], .notAContainer), (Array("Obj".utf8), .notAContainer), (Array("{\"a\":1}".utf8), .notAContainer),
                ([0x4F, 0x62, 0x6A, 1], .notAContainer), ([0x4F, 0x62, 0x6A, 1, 0], .notAContainer),
                ([0x4F, 0x62, 0x6A, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F], .notAContainer),
                ([0x4F, 0x62, 0x6A, 1, 0] + Array(repeating: 9, count: 16), .notAContainer),
            ]
            for (bytes, kind) in cases {
                try Self.put(bytes, path)
                let error = #expect(throws: AvroContainerError.self) { _ = try AvroContainerReader(path: path) }
                #expect(error?.kind == kind)
            }
            let missing = #expect(throws: AvroContainerError.self) { _ = try AvroContainerReader(path: path + ".none") }
            #expect(missing?.kind == .system(ENOENT))
        }
    }

    @Test func unknownCodecsAreNamed() throws {
        try Self.withPath { path in
            try Self.write(path, 0..<1, codec: .deflate)
            let text = try Self.bytes(path)
            let place = try #require(text.indices.first { text[$0...].starts(with: Array("deflate".utf8)) })
            var changed = text
            changed.replaceSubrange(place..<place + 7, with: Array("snappy2".utf8))
            try Self.put(changed, path)
            let error = #expect(throws: AvroContainerError.self) { _ = try AvroContainerReader(path: path) }
            #expect(error?.kind == .unknownCodec)
        }
    }

    @Test(.enabled(if: FastAvroPeer.isExpected, FastAvroPeer.absence)) func fastavroReadsOursAndWeItsOwn() throws {
        let peer = try #require(FastAvroPeer.shared, "\(FastAvroPeer.absence)")
        try Self.withPath { path in
            try Self.write(path, 0..<500, codec: .deflate)
            #expect(try peer.rewrite(container: path, to: path + ".again") == 500)
            let (numbers, blocks, error) = try Self.read(path + ".again")
            #expect(error == nil)
            #expect(numbers == Array(0..<500))
            #expect(blocks > 1)
        }
    }
}
