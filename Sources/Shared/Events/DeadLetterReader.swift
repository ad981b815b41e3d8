/// Reads dead letters' headers, record after record, without allocation for what it has met before.
///
/// For each record: `begin()`, `visit(name:value:)` for every header in order, `finish()`. The bytes handed to `visit`
/// must stay valid until `finish()` has returned, and as long as the views below (`value(of:)`, `conflicts()` …) are
/// used. One thread at a time.
package struct DeadLetterReader: ~Copyable {
    private struct Slot {
        var value: UnsafeRawBufferPointer?
        var position: Int32
    }

    private let index = HeaderNameIndex.shared
    /// One slot a name; what stands in it counts only if `seen` holds the name. Owned, freed by `deinit`.
    private let slots: UnsafeMutablePointer<Slot>
    private var seen: HeaderNameSet = []
    private var doubled: HeaderNameSet = []
    private var position: Int32 = 0
    var topics = OriginTopics()

    /// A reader; it may be used for any number of records, one after the other.
    package init() {
        slots = .allocate(capacity: HeaderName.allCases.count)
        slots.initialize(repeating: Slot(value: nil, position: 0), count: HeaderName.allCases.count)
    }

    deinit {
        slots.deallocate()
    }

    /// Starts a record.
    package mutating func begin() {
        seen = []
        doubled = []
        position = 0
    }

    /// Takes the record's next header. Any bytes will do; a null value counts as a value that cannot be read.
    package mutating func visit(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        position &+= 1
        guard let known = index.name(of: name) else { return }
        if seen.insert(known) { doubled.insert(known) }
        slots[Int(known.rawValue)] = Slot(value: value, position: position)
    }

    /// What the headers said.
    package mutating func finish() -> DeadLetter {
        var letter = DeadLetter()
        letter.doubled = doubled
        readOrigin(into: &letter)
        readOwn(into: &letter)
        letter.originTimestamp = originTimestamp(for: letter)
        return letter
    }

    /// The last value of a header of this record; `nil` if it has none or a null one. Valid as long as the record's
    /// headers are.
    package func value(of name: HeaderName) -> UnsafeRawBufferPointer? {
        seen.contains(name) ? slots[Int(name.rawValue)].value : nil
    }

    /// The headers that this record has, of those that are read.
    package var names: HeaderNameSet { seen }

    func position(of name: HeaderName) -> Int32 {
        seen.contains(name) ? slots[Int(name.rawValue)].position : 0
    }

    /// A header's number, by the form its writers use.
    func number(_ name: HeaderName) -> Int64? {
        guard let value = value(of: name) else { return nil }
        return (name.numberForm ?? .text).read(value)
    }
}
