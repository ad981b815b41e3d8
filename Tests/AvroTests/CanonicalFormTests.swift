import Foundation
import Testing

@testable import Avro

/// Apache Avro's own cases for canonical form and fingerprint (`share/test/data/schema-tests.txt`, Apache-2.0).
@Suite struct CanonicalFormTests {
    struct Case {
        var input = ""
        var canonical = ""
        var fingerprint: Int64?
    }

    private func cases() throws -> [Case] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/schema-tests", withExtension: "txt"))
        var cases: [Case] = []
        var lines = try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line == "<<INPUT" {
                let end = try #require(lines.firstIndex(of: "INPUT"))
                cases.append(Case(input: lines[..<end].joined(separator: "\n")))
                lines = lines[(end + 1)...]
            } else if line.hasPrefix("<<INPUT ") {
                cases.append(Case(input: String(line.dropFirst(8))))
            } else if line.hasPrefix("<<canonical ") {
                cases[cases.count - 1].canonical = String(line.dropFirst(12))
            } else if line.hasPrefix("<<fingerprint ") {
                cases[cases.count - 1].fingerprint = Int64(line.dropFirst(14))
            }
        }
        return cases
    }

    @Test func formsAndFingerprintsOfTheSpecification() throws {
        let cases = try cases()
        #expect(cases.count >= 25)
        for example in cases {
            let schema = try AvroSchema.parse(example.input)
            #expect(schema.canonicalForm == example.canonical)
            if let fingerprint = example.fingerprint {
                #expect(schema.fingerprint == UInt64(bitPattern: fingerprint), "\(example.input)")
            }
            #expect(try AvroSchema.parse(schema.canonicalForm).canonicalForm == example.canonical)
        }
    }
}
