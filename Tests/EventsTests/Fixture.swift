import Foundation

/// A dead letter that other software wrote, from `Fixtures/*.jsonl`.
struct Fixture: Decodable {
    let partition: Int32
    let offset: Int64
    let timestamp: Int64
    let key: Data?
    let value: Data?
    let headers: [[Data?]]

    private enum CodingKeys: CodingKey {
        case partition, offset, timestamp, key, value, headers
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        partition = try container.decode(Int32.self, forKey: .partition)
        offset = try container.decode(Int64.self, forKey: .offset)
        timestamp = try container.decode(Int64.self, forKey: .timestamp)
        key = try container.decodeIfPresent(Data.self, forKey: .key)
        value = try container.decodeIfPresent(Data.self, forKey: .value)
        // Names stand as text, values in base64.
        headers = try container.decode([[String?]].self, forKey: .headers).map { pair in
            [pair[0].map { Data($0.utf8) }, pair[1].flatMap { Data(base64Encoded: $0) }]
        }
    }

    var list: HeaderList {
        headers.map { pair in (pair[0].map { Array($0) } ?? [], pair[1].map { Array($0) }) }
    }

    static func load(_ name: String) throws -> [Fixture] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Fixture.self, from: Data($0.utf8))
        }
    }
}
