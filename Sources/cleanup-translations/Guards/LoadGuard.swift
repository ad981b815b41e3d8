import CommandLine
import Lifecycle
import Postgres

/// Looks at the server between batches, once a second, and says why the run should pause.
struct LoadGuard {
    struct Limits: Sendable {
        /// How far a replica may be behind; nil does not look.
        var replicaLag: Duration?
        /// How old a transaction may be that holds back vacuum; nil does not look.
        var transactionAge: Duration?
        /// How many other sessions may be at work; nil does not look.
        var activeSessions: Int?
    }

    private static let interval: Int64 = 1_000_000_000
    private let limits: Limits
    private var lastLook: MonotonicInstant?

    init(_ limits: Limits) { self.limits = limits }

    private var isOff: Bool {
        limits.replicaLag == nil && limits.transactionAge == nil && limits.activeSessions == nil
    }

    /// Whether it is time to look again.
    var isDue: Bool {
        if isOff { return false }
        return lastLook.map { MonotonicInstant.now().nanoseconds(since: $0) >= Self.interval } ?? true
    }

    /// What the limits cannot see; nil where they see everything. Others' sessions, and how far replicas are behind, are
    /// shown to members of `pg_read_all_stats` alone.
    func blindness(_ session: PostgresSession) throws(PostgresError) -> String? {
        guard !isOff, try session.query("SELECT pg_has_role('pg_read_all_stats', 'USAGE')").boolean(0, 0) != true else {
            return nil
        }
        return "this user sees neither others' sessions nor how far replicas are behind, so that --max-lag, "
            + "--max-transaction-age and --max-load pause for nothing: GRANT pg_read_all_stats to it"
    }

    /// Why to pause; nil where all is well, or it is not time to look again. Nothing may be under way on the session.
    mutating func objection(_ session: PostgresSession) throws(PostgresError) -> String? {
        guard isDue else { return nil }
        lastLook = .now()
        let row = try session.query(
            """
            SELECT
                (SELECT coalesce(max(extract(epoch FROM replay_lag)), 0) * 1000 FROM pg_stat_replication)::bigint,
                (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - begun)), 0) * 1000 FROM (
                    SELECT xact_start FROM pg_stat_activity
                    WHERE (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL) AND pid <> pg_backend_pid()
                        AND datname = current_database() AND backend_type = 'client backend'
                        AND application_name NOT LIKE 'cleanup-translations%'
                    UNION ALL SELECT prepared FROM pg_prepared_xacts WHERE database = current_database()
                ) AS open (begun))::bigint,
                (SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend' AND application_name NOT LIKE 'cleanup-translations%')
            """)
        // Objections stay until the next look.
        let objection = objection(
            lag: row.integer(0, 0) ?? 0, age: row.integer(0, 1) ?? 0, active: row.integer(0, 2) ?? 0)
        if objection != nil { lastLook = nil }
        return objection
    }

    private func objection(lag: Int64, age: Int64, active: Int64) -> String? {
        if let limit = limits.replicaLag, Duration.milliseconds(lag) > limit {
            return "a replica is \(HumanText.duration(.milliseconds(lag))) behind"
        }
        if let limit = limits.transactionAge, Duration.milliseconds(age) > limit {
            return "a transaction is \(HumanText.duration(.milliseconds(age))) old and holds back vacuum"
        }
        if let limit = limits.activeSessions, active > limit {
            return "\(active) other sessions are at work"
        }
        return nil
    }
}
