import Events
import Testing

@Suite("Hostile headers")
struct HeaderMutationTests {
    /// `HOSTILE_INPUTS` gives the number of records.
    @Test("Random mutations: never a crash, never an impossible answer")
    func mutations() throws {
        var random = SplitMix64(seed: 1_191)
        let names = HeaderName.allCases.map { Array("\($0.text)".utf8) }
        let seeds = try ["spring-kafka-4.1", "kafka-connect-4.3", "kafka-streams-4.3"].flatMap { name in
            try Fixture.load(name).flatMap(\.list)
        }
        let prefixes = FailureHeader.prefixes.map { Array("\($0.text)".utf8) }
        var reader = DeadLetterReader()
        var batch = HeaderBatch()
        var found = 0
        for _ in 0..<hostileInputs(normally: 100_000) {
            var headers: HeaderList = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                var one = seeds[Int.random(in: 0..<seeds.count, using: &random)]
                if Bool.random(using: &random) { one.name = names[Int.random(in: 0..<names.count, using: &random)] }
                if Int.random(in: 0..<8, using: &random) == 0 {
                    one.name = prefixes[Int.random(in: 0..<prefixes.count, using: &random)] + one.name
                }
                one.value = one.value.map { Array($0.prefix(64)) }
                mutate(&one.name, &random)
                if var value = one.value {
                    mutate(&value, &random)
                    one.value = Bool.random(using: &random) ? value : one.value
                }
                if Int.random(in: 0..<16, using: &random) == 0 { one.value = nil }
                headers.append(one)
            }
            reader.read(headers) { reader, letter in
                if let origin = letter.origin {
                    found += 1
                    #expect(TopicName.isLegal(origin.topic) && origin.partition >= 0 && origin.offset >= 0)
                }
                #expect((letter.origin == nil) == (letter.dialect == nil))
                #expect((letter.originTimestamp ?? 0) >= 0)
                #expect((0...DeadLetter.maximumCount).contains(letter.retryCount))
                for conflict in reader.conflicts(of: letter) { #expect(!conflict.description.isEmpty) }
                batch.setRedrive(.redrive(.dlq), of: letter, run: "r", originalTimestamp: letter.originTimestamp)
            }
            let again = letter(edited(headers, .redrive(.dlq), batch))
            let before = reader.letter(headers)
            #expect(again.origin == before.origin && again.disagreeing.isEmpty)
        }
        #expect(found > 0)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty, Int.random(in: 0..<3, using: &random) == 0 else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: bytes.removeSubrange(place...)
        }
    }
}
