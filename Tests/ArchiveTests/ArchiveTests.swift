import Archive
import Avro
import Kafka
import TestSupport
import Testing

/// Records of every awkward kind, round by round.
private func record(_ number: Int, value: [UInt8]? = nil) -> ArchivedRecord {
    var record = ArchivedRecord(
        topic: number % 3 == 0 ? "points.earned" : "badge.awarded", partition: Int32(number % 4),
        offset: Int64(number), timestamp: 1_764_547_200_000 + Int64(number),
        timestampType: [.createTime, .logAppendTime, .none][number % 3],
        key: number % 5 == 0 ? nil : [1, UInt8(number & 0xFF)],
        value: value ?? (number % 7 == 0 ? nil : Array(repeating: UInt8(number & 0xFF), count: number % 90)))
    for index in 0..<(number % 4) {
        record.headers.append(
            .init(name: Array("h\(index % 2)".utf8), value: index == 1 ? nil : [0, 255, UInt8(index)]))
    }
    if number % 11 == 0 { record.headers.append(.init(name: [0xFF, 0xFE], value: [])) }
    if record.timestampType == .none { record.timestamp = -1 }
    return record
}

private func readAll(_ path: String) throws -> [ArchivedRecord] {
    var reader = try ArchiveReader(path: path)
    var records: [ArchivedRecord] = []
    while let block = try reader.nextBlock() { records += block.records }
    return records
}

@Suite("Archives of Kafka records")
struct ArchiveTests {
    @Test("every record comes back byte for byte, nulls and empty values apart")
    func roundTrip() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/a.avro"
        var writer = try ArchiveWriter.create(path: path, metadata: ["run": Array("night".utf8)])
        let records = (0..<5_000).map { record($0) }
        for (number, record) in records.enumerated() {
            try writer.append(record)
            if number % 1_000 == 999 { try writer.synchronize() }
        }
        #expect(writer.recordCount == 5_000)
        try writer.close()
        #expect(try readAll(path) == records)
        let reader = try ArchiveReader(path: path)
        #expect(reader.metadata["run"] == Array("night".utf8))
    }

    @Test("a block's last record says how far every partition was read")
    func positions() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/a.avro"
        var writer = try ArchiveWriter.create(path: path)
        try writer.append(record(3))
        writer.advance(TopicPartition(topic: "elsewhere", partition: 7), to: 99)
        try writer.synchronize()
        try writer.close()
        var reader = try ArchiveReader(path: path)
        let first = try reader.nextBlock()
        let block = try #require(first)
        #expect(block.positions?[TopicPartition(topic: "elsewhere", partition: 7)] == 99)
        #expect(block.positions?[TopicPartition(topic: "points.earned", partition: 3)] == 4)
        let next = try reader.nextBlock()
        #expect(next?.records == nil)
    }

    @Test("cut off anywhere, it goes on after its last complete block and loses nothing before")
    func resume() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/a.avro"
        var writer = try ArchiveWriter.create(path: path)
        let records = (0..<300).map { record($0) }
        for (number, record) in records.enumerated() {
            try writer.append(record)
            if number % 100 == 99 { try writer.synchronize() }
        }
        try writer.close()
        let whole = try readBytes(path)
        var ends: Set<Int> = []
        for cut in stride(from: whole.count - 1, to: whole.count / 2, by: -97) {
            try writeBytes(Array(whole.prefix(cut)), to: path)
            var again = try ArchiveWriter.resume(path: path)
            let kept = Int(again.recordCount)
            ends.insert(kept)
            #expect(kept % 100 == 0 && kept < 300)
            let last = again.positions.values.max() ?? 0
            #expect(last == Int64(kept))
            for record in records[kept...] { try again.append(record) }
            try again.close()
            #expect(try readAll(path) == records)
        }
        #expect(ends.count > 1)
    }

    @Test("damage in the middle: all before it is good, the place is told, and it is not continued")
    func damage() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/a.avro"
        var writer = try ArchiveWriter.create(path: path)
        let records = (0..<300).map { record($0) }
        for (number, record) in records.enumerated() {
            try writer.append(record)
            if number % 100 == 99 { try writer.synchronize() }
        }
        try writer.close()
        var offsets: [Int64] = []
        var good = try ArchiveReader(path: path)
        while let block = try good.nextBlock() { offsets.append(block.offset) }
        var bytes = try readBytes(path)
        bytes[Int(offsets[1]) + 40] ^= 0xFF
        try writeBytes(bytes, to: path)
        var reader = try ArchiveReader(path: path)
        let first = try reader.nextBlock()
        #expect(first?.records == Array(records[..<100]))
        var place: Int64?
        do { _ = try reader.nextBlock() } catch let error as AvroContainerError { place = error.offset }
        #expect(place == offsets[1])
        let hasMore = reader.hasMoreBehindDamage()
        #expect(hasMore)
    }

    @Test("what is no archive is refused", arguments: ["", "Obj", "plain text", "Obj\u{1}"])
    func foreign(text: String) throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/x"
        try writeBytes(Array(text.utf8), to: path)
        #expect(throws: AvroContainerError.self) { _ = try ArchiveReader(path: path) }
        #expect(throws: AvroContainerError.self) { _ = try ArchiveWriter.create(path: path) }
    }

    @Test("a container of another schema is refused")
    func otherSchema() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/x"
        var container = try AvroContainerWriter.create(path: path, schemaText: "\"string\"")
        try container.append(.string("x"))
        try container.close()
        let error = #expect(throws: AvroContainerError.self) { _ = try ArchiveReader(path: path) }
        #expect(error?.kind == .schema)
    }

    @Test("a record larger than a block is kept whole")
    func large() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/a.avro"
        var writer = try ArchiveWriter.create(path: path)
        let records = [record(1), record(2, value: Array(repeating: 7, count: 5 << 20)), record(3)]
        for record in records { try writer.append(record) }
        try writer.close()
        #expect(try readAll(path) == records)
        let again = try ArchiveWriter.resume(path: path)
        #expect(again.recordCount == 3)
        try again.close()
    }
}
