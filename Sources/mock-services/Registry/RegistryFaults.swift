import CommandLine

/// What the registry does wrong on purpose.
struct RegistryFaults {
    /// How many requests more fail.
    var failFirst: Int
    /// The status they fail with.
    var status = 503
    /// How late every answer is.
    var delayMilliseconds: Int

    init(failFirst: Int = 0, delayMilliseconds: Int = 0) {
        self.failFirst = failFirst
        self.delayMilliseconds = delayMilliseconds
    }

    /// What can be changed at run time; what is left out stays.
    struct Change: Decodable {
        let failFirst: Int?
        let status: Int?
        let delayMs: Int?
    }

    mutating func apply(_ change: Change) {
        failFirst = max(0, change.failFirst ?? failFirst)
        status = min(max(change.status ?? status, 400), 599)
        delayMilliseconds = min(max(0, change.delayMs ?? delayMilliseconds), 3_600_000)
    }

    /// The failure for this request, if it is to fail.
    mutating func takeFailure() -> MockReply? {
        guard failFirst > 0 else { return nil }
        failFirst -= 1
        return .error(status, status * 100 + 1, "a failure that was asked for")
    }
}
