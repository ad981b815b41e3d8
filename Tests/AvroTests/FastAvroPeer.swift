import Foundation
import Testing

/// Python with fastavro: the one that runs the tests if it has it, else one made under `.build`.
struct FastAvroPeer {
    /// nil where fastavro can neither be found nor installed.
    static let shared: FastAvroPeer? = find()

    /// Whether tests that need it run. Continuous integration must not pass without them.
    static let isExpected = shared != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    static let absence: Comment = "fastavro is not installed and could not be: compared with libavro only"

    struct Failure: Error {
        let reason: String
    }

    let python: String

    private static func find() -> FastAvroPeer? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let environment = root.appending(path: ".build/fastavro").path
        let own = environment + "/bin/python3"
        for python in ["/usr/bin/env python3", own] where works(python) { return FastAvroPeer(python: python) }
        guard (try? run("/usr/bin/env python3 -m venv \(environment)")) != nil,
            (try? run("\(own) -m pip install --quiet fastavro")) != nil, works(own)
        else { return nil }
        return FastAvroPeer(python: own)
    }

    private static func works(_ python: String) -> Bool { (try? run(python + " -c import\u{a0}fastavro")) != nil }

    /// Runs a command whose words stand apart by spaces (a no-break space stays in a word); its output.
    @discardableResult
    static func run(_ command: String, input: Data = Data()) throws -> Data {
        let words = command.split(separator: " ").map { $0.replacingOccurrences(of: "\u{a0}", with: " ") }
        let directory = FileManager.default.temporaryDirectory.appending(path: "fastavro-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        // Files, because two pipes that are both full would wait for each other.
        let (inputFile, outputFile) = (directory.appending(path: "in"), directory.appending(path: "out"))
        try input.write(to: inputFile)
        try Data().write(to: outputFile)
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(reason: "\(words[0]) ended with \(process.terminationStatus)")
        }
        return try Data(contentsOf: outputFile)
    }

    private var script: String {
        get throws { try #require(Bundle.module.path(forResource: "Fixtures/fastavro_peer", ofType: "py")) }
    }

    /// One answer for each case.
    func answers(_ cases: [Case]) throws -> [Answer] {
        let encoder = JSONEncoder()
        let lines = try cases.map { example in
            // The schemas are JSON already.
            let reader = example.reader.map { ",\"reader\":\($0)" } ?? ""
            let data = String(decoding: try encoder.encode(example.data.map(hex)), as: UTF8.self)
            return "{\"schema\":\(example.schema)\(reader),\"own\":\(example.own),\"data\":\(data)}"
        }
        let output = try Self.run("\(python) \(try script)", input: Data(lines.joined(separator: "\n").utf8))
        let answers = try output.split(separator: 10).map { try JSONDecoder().decode(Answer.self, from: $0) }
        guard answers.count == cases.count else {
            throw Failure(reason: "\(answers.count) answers for \(cases.count) cases")
        }
        return answers
    }

    /// Lets fastavro write a container's records into another container; the number of records.
    func rewrite(container source: String, to target: String) throws -> Int? {
        let output = try Self.run("\(python) \(try script) container \(source) \(target)")
        return Int(String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    struct Case {
        var schema: String
        var reader: String?
        var data: [[UInt8]]
        var own = 0
    }

    struct Answer: Decodable {
        var again: [String]?
        var own: [String]?
        var error: String?
        /// Why fastavro could not write what it had read.
        var unsupported: String?
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func bytes(hex text: String) -> [UInt8] {
    let digits = text.utf8.map { UInt8(Character(Unicode.Scalar($0)).hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
