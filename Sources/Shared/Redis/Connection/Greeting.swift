import Configuration

/// What is said on a new connection before any command: who this is, and which protocol and database are meant.
enum Greeting {
    struct Step {
        let command: RedisCommand
        /// The connection is of no use when this fails.
        let isNeeded: Bool

        /// Why the connection is of no use after this answer; nil if it is.
        func failure(_ error: RedisServerError, _ node: RedisAddress) -> RedisError? {
            let found = RedisError(error, node: node).with(outcome: .notRun)
            // The name is a courtesy, but this is where a server says that it wants a password.
            guard isNeeded || found.kind == .authentication else { return nil }
            if found.kind != .server { return found }
            return RedisError(.configuration, "the server refuses the greeting: \(error)", node: node)
        }
    }

    static func steps(_ configuration: RedisConfiguration) -> [Step] {
        var steps: [Step] = []
        let password = configuration.password?.reveal()
        if configuration.version == .resp3 {
            var hello = RedisCommand("HELLO")
            hello.add("3")
            if let password {
                hello.add("AUTH")
                hello.add(configuration.user ?? "default")
                hello.add(password)
            }
            steps.append(Step(command: hello, isNeeded: true))
        } else if let password {
            var auth = RedisCommand("AUTH")
            if let user = configuration.user { auth.add(user) }
            auth.add(password)
            steps.append(Step(command: auth, isNeeded: true))
        }
        if configuration.database != 0 {
            var select = RedisCommand("SELECT")
            select.add(Int64(configuration.database))
            steps.append(Step(command: select, isNeeded: true))
        }
        var name = RedisCommand("CLIENT")
        name.add("SETNAME")
        name.add(configuration.clientName)
        steps.append(Step(command: name, isNeeded: false))
        return steps
    }
}
