import CommandLine

/// What the server knows about each of its dependencies, for `/ready`, and whether it is ready at all.
///
/// A dependency that is away makes an answer degraded, never "not ready": one that all instances share must not take all
/// of them out at once. Not ready is only an instance that has not passed its first checks, or that is stopping.
final class DependencyBoard {
    /// One line of `/ready`.
    struct Entry: Equatable {
        /// Nil where all is well.
        var reason: String?
    }

    private(set) var entries: [String: Entry] = [:]
    /// First checks that have not been passed, by name, with what is waited for.
    private(set) var pending: [String: String] = [:]
    private(set) var isStopping = false
    /// Called when readiness changes.
    var whenReadinessChanges: ((Bool) -> Void)?
    /// Called when what a first check waits for changes.
    var whenWaiting: ((_ name: String, _ reason: String) -> Void)?
    /// Called with every change of a dependency's state.
    var whenChanged: ((_ name: String, _ reason: String?) -> Void)?

    /// Whether calls should come here.
    var isReady: Bool { pending.isEmpty && !isStopping }

    /// The first check of `name` is not passed yet.
    func expect(_ name: String, _ reason: String) {
        guard pending.updateValue(reason, forKey: name) != reason else { return }
        whenWaiting?(name, reason)
    }

    /// The first check of `name` is passed.
    func passed(_ name: String) {
        guard pending.removeValue(forKey: name) != nil else { return }
        if isReady { whenReadinessChanges?(true) }
    }

    /// Says how a dependency is: well (nil), or why not.
    func set(_ name: String, _ reason: String?) {
        let entry = Entry(reason: reason)
        guard entries[name] != entry else { return }
        entries[name] = entry
        whenChanged?(name, reason)
    }

    /// Not ready from now on.
    func stop() {
        isStopping = true
        whenReadinessChanges?(false)
    }

    /// The answer of `/ready`.
    var json: JSONValue {
        let isDegraded = entries.values.contains { $0.reason != nil }
        let status = isStopping ? "stopping" : !pending.isEmpty ? "starting" : isDegraded ? "degraded" : "ready"
        var dependencies: [JSONValue.Member] = []
        for name in Set(entries.keys).union(pending.keys).sorted() {
            let reason = pending[name] ?? entries[name]?.reason
            var members = [JSONValue.Member("status", .string(reason == nil ? "ok" : "degraded"))]
            if pending[name] != nil { members[0] = JSONValue.Member("status", "waiting") }
            if let reason { members.append(JSONValue.Member("reason", .string(reason))) }
            dependencies.append(JSONValue.Member(name, .object(members)))
        }
        return ["status": .string(status), "dependencies": .object(dependencies)]
    }
}
