package import CommandLine
import Configuration
package import Postgres

extension Flag {
    /// `--postgres CONNINFO`: libpq's connection string; without it libpq's own `PG*` variables hold.
    package static let postgres = Flag(
        "postgres", placeholder: "CONNINFO", env: "GAMIFICATION_POSTGRES", section: "Connection",
        help: "PostgreSQL: a connection string of libpq, for example postgresql://user@host/db?sslmode=verify-full",
        detail: """
            What it leaves open comes from libpq's own variables (PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSFILE, \
            PGSSLMODE and so on). A password on the command line is refused, since every user of the machine can read \
            it there.
            """)

    /// `--postgres-password-file FILE`.
    package static let postgresPassword = Flag(
        "postgres-password-file", kind: .secretFile, placeholder: "FILE", env: "PGPASSWORD", section: "Connection",
        help: "File with the password for PostgreSQL")

    /// Both, for a program's table.
    package static let postgresConnection: [Flag] = [.postgres, .postgresPassword]
}

/// How to reach PostgreSQL: the same flags in every program.
package struct PostgresOptions: Sendable {
    /// Nil only after a mistake that the reader has noted.
    package let configuration: PostgresConfiguration?

    /// Reads the flags, noting every mistake in `reader`. `program` becomes the session's application name.
    package init(_ reader: inout OptionReader, program: String) {
        let value = reader.values(of: .postgres).last
        let password = reader.secret(.postgresPassword)
        do throws(PostgresError) {
            let configuration = try PostgresConfiguration(
                value?.text ?? "", password: password?.reveal(), applicationName: program)
            if configuration.holdsPassword, case .flag = value?.origin {
                reader.report(
                    .postgres,
                    "holds a password, which every user of the machine can read: give it by --postgres-password-file, "
                        + "PGPASSWORD or PGPASSFILE")
            }
            self.configuration = configuration
        } catch {
            configuration = nil
            reader.report(.postgres, error.reason)
        }
    }
}
