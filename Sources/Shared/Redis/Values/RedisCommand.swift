/// One command, in the bytes that go to the server (RESP arrays of bulk strings), and where its keys are in them.
package struct RedisCommand: Sendable {
    /// What follows the array's head.
    private(set) var body: [UInt8]
    /// How many strings the array has.
    private(set) var parts: Int32
    private var firstKey: Range<Int32>?
    private var otherKeys: [Range<Int32>] = []
    /// What EVALSHA names, and where the arguments after the digest begin.
    private(set) var script: RedisScript?
    private var scriptTail: Int32 = 0

    /// A command of this name, without arguments.
    package init(_ name: StaticString) {
        body = []
        parts = 0
        body.reserveCapacity(192)
        name.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    /// A command about one key, for example `RedisCommand("SET", key: name, "value")`.
    package init(_ name: StaticString, key: String, _ arguments: String...) {
        self.init(name)
        add(key: key)
        for argument in arguments { add(argument) }
    }

    /// A call of `script` by its digest. A server that does not know it is given the text.
    package init(_ script: RedisScript, keys: [String], arguments: [String] = []) {
        self.init("EVALSHA")
        add(script.digest)
        self.script = script
        scriptTail = Int32(body.count)
        add(Int64(keys.count))
        for key in keys { add(key: key) }
        for argument in arguments { add(argument) }
    }

    // MARK: - Building

    /// Adds an argument.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds an argument.
    package mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// Adds a number as an argument.
    package mutating func add(_ number: Int64) { add(String(number)) }

    /// Adds an argument that is a key: it decides where in a cluster the command goes.
    package mutating func add(key: String) {
        let before = Int32(body.count)
        add(key)
        let end = Int32(body.count) - 2
        let range = (end - Int32(key.utf8.count))..<end
        precondition(range.lowerBound >= before, "a key lies within its argument")
        if firstKey == nil { firstKey = range } else { otherKeys.append(range) }
    }

    // MARK: - Reading

    /// Bytes on the wire, about.
    var byteCount: Int { body.count + 16 }

    /// Whether it calls a script by its digest.
    var hasScript: Bool { script != nil }

    /// Where in a cluster the command belongs.
    enum Place: Equatable {
        case anywhere
        case slot(UInt16)
        /// The keys are in several slots: no node takes that.
        case nowhere
    }

    var place: Place {
        guard let firstKey else { return .anywhere }
        let slot = slot(of: firstKey)
        return otherKeys.allSatisfy { self.slot(of: $0) == slot } ? .slot(slot) : .nowhere
    }

    private func slot(of range: Range<Int32>) -> UInt16 {
        body.withUnsafeBytes { bytes in
            HashSlot.of(
                key: UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
        }
    }

    /// Appends the command to what is to be sent.
    func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "*"))
        Self.digits(Int(parts), to: &output)
        output.append(contentsOf: body)
    }

    /// The same call with the script's text, which makes the server remember it.
    func withText() -> RedisCommand {
        guard let script else { return self }
        var command = RedisCommand("EVAL")
        command.add(script.text)
        let shift = Int32(command.body.count) - scriptTail
        command.body.append(contentsOf: body[Int(scriptTail)...])
        command.parts = parts
        func moved(_ range: Range<Int32>) -> Range<Int32> { (range.lowerBound + shift)..<(range.upperBound + shift) }
        command.firstKey = firstKey.map(moved)
        command.otherKeys = otherKeys.map(moved)
        return command
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        parts += 1
        body.append(UInt8(ascii: "$"))
        Self.digits(bytes.count, to: &body)
        body.append(contentsOf: bytes)
        body.append(0x0D)
        body.append(0x0A)
    }

    /// A number and the end of the line.
    private static func digits(_ number: Int, to output: inout [UInt8]) {
        if number < 10 {
            output.append(UInt8(ascii: "0") + UInt8(number))
        } else {
            var divisor = 10
            while number / divisor >= 10 { divisor *= 10 }
            while divisor > 0 {
                output.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
        }
        output.append(0x0D)
        output.append(0x0A)
    }
}
