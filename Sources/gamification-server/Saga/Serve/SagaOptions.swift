import CommandLine

/// What `serve` was told about the saga, checked.
struct SagaOptions: Sendable {
    let rules: RulesSource
    /// The rules of the file as it is now.
    let initialRules: BadgeRules
    let group: String
    let drainGroup: String
    let flood: FloodGuard.Limits

    init(_ reader: inout OptionReader) {
        rules = RulesSource(path: reader.optionalPath(SagaFlags.rules))
        group = reader.name(SagaFlags.group)
        drainGroup = reader.name(SagaFlags.drainGroup)
        flood = FloodGuard.Limits(
            ratio: Double(reader.integer(SagaFlags.floodShare, in: 1...100)) / 100,
            run: reader.integer(SagaFlags.floodRun, in: 0...1_000_000))
        do throws(RulesSource.Refusal) {
            initialRules = try rules.read()
        } catch {
            initialRules = .none
            reader.report(SagaFlags.rules, "\(error)")
        }
    }
}
