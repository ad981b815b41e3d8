import CommandLine
import Configuration
import Postgres
import ToolKit

/// One prune or restore at a time on a database: an advisory lock, held by the session that deletes. Where that session
/// ends so does the lock, and nothing can be deleted without it.
enum PruneLock {
    /// "translat" in ASCII.
    private static let key: Int64 = 0x7472_616E_736C_6174

    /// Takes the lock, or refuses, naming who has it.
    static func take(_ session: PostgresSession) throws {
        var parameters = PostgresParameters()
        parameters.add(key)
        // A session that has just ended has its lock for a moment longer.
        for attempt in 0..<20 {
            if attempt > 0 { Pause.milliseconds(50) }
            let taken = try session.query("SELECT pg_try_advisory_lock($1)", parameters).boolean(0, 0) ?? false
            guard !taken else { return }
        }
        let rows = try session.query(
            """
            SELECT a.application_name, a.usename, coalesce(a.client_addr::text, 'local'), l.pid,
                to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (
                    SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.classid::bigint << 32 | l.objid::bigint) = $1
            """, parameters)
        // It may be gone by now; the next try will tell.
        guard rows.rowCount > 0 else {
            throw Refusal(.refused, "another run had \(session.target) just now; run again")
        }
        func text(_ column: Int) -> String { PrintableText.escaped(rows.text(0, column) ?? "?", limit: 100) }
        throw Refusal(
            .refused,
            "\(text(0)) works on \(session.target): user \(text(1)) from \(text(2)), server process \(text(3)), since "
                + "\(text(4)). Let it end, or stop it")
    }
}
