/// What a program needs of the database's schema.
package struct SchemaRequirement: Sendable {
    /// The number of the last migration that the program relies on, and its name, for the message.
    package let number: Int
    /// That migration's name.
    package let name: String

    /// Needs everything up to this migration.
    package init(number: Int, name: String) {
        self.number = number
        self.name = name
    }

    /// Why the database's schema will not do; nil where it does.
    package func objection(_ session: PostgresSession) throws(PostgresError) -> String? {
        let advice = "apply it with: gamification-server migrate"
        guard try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL").boolean(0, 0) == true else {
            return "\(session.target) has no migrations; migration \(number) (\(name)) is needed: \(advice)"
        }
        let last = try session.query("SELECT coalesce(max(number), 0) FROM schema_migrations").integer(0, 0) ?? 0
        guard last < number else { return nil }
        return "\(session.target) is at migration \(last); migration \(number) (\(name)) is needed: \(advice)"
    }
}
