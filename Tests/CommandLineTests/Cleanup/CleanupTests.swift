import Glibc
import TestSupport
import Testing

@Suite("cleanup-translations", ScratchPostgres.requirement, ScratchRedis.requirement)
struct CleanupTests {
    private static let seed = """
        INSERT INTO translations (key, locale, version, value)
        SELECT 'badge.' || k, l, '1.' || v || '.0', 'name ' || v
        FROM generate_series(1, 5) AS k, unnest(ARRAY['en', 'de']) AS l, generate_series(8, 12) AS v;
        DELETE FROM translation_invalidations;
        """

    @Test("A dry run changes nothing; the prune deletes what it said, and exactly the stale names leave the cache")
    func whole() async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(Self.seed)
        let plan = try await stage.json(["--dry-run"])
        #expect(plan["selected"].int == 20 && plan["keys"].int == 10)
        #expect(plan["names"][0].string == "translations:badge.1:de")
        #expect(plan["by_locale_and_age"].array.map { $0["rows"].int } == [10, 10])
        #expect(try await stage.sql("SELECT count(*) FROM translations") == "50")
        #expect(try await stage.invalidations().isEmpty)

        // Keys of this test's own: the server is shared.
        try await stage.sql(
            "UPDATE translations SET key = '\(stage.database).' || key; DELETE FROM translation_invalidations")
        func name(_ number: Int, _ locale: String) -> String {
            "translations:\(stage.database).badge.\(number):\(locale)"
        }
        try await stage.redis.cli("set", name(1, "en"), "1.8.0|name 8")
        try await stage.redis.cli("set", name(1, "de"), "1.12.0|name 12")
        try await stage.redis.cli("set", name(2, "en"), "1.12.0|another name")
        try await stage.redis.cli("set", "translations:{\(stage.database).badge.3}:en", "1.9.0|name 9")
        try await stage.redis.cli("set", "fill:" + name(1, "de"), "token")
        let done = try await stage.json(["--stats"])
        #expect(done["deleted"].int == 20 && done["invalidated"].int == 10)
        #expect(
            try await stage.sql("SELECT string_agg(DISTINCT version, ' ' ORDER BY version) FROM translations")
                == "1.10.0 1.11.0 1.12.0")
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        #expect(try await stage.redis.cli("exists", name(1, "en"), name(2, "en"), "fill:" + name(1, "de")) == "0")
        #expect(try await stage.redis.cli("exists", "translations:{\(stage.database).badge.3}:en") == "0")
        #expect(try await stage.redis.cli("get", name(1, "de")) == "1.12.0|name 12")
        let expected = (1...5).flatMap { [name($0, "de"), name($0, "en")] }.sorted()
        #expect(try await stage.invalidations() == expected)
        let again = try await stage.json()
        #expect(again["deleted"].int == 0)
        #expect(try await stage.invalidations() == expected)
    }

    @Test("Intents that others left are finished first; with --no-cache they stay, and it is said")
    func leftovers() async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(Self.seed)
        let silent = try await CleanupStage.run([
            "--postgres", stage.conninfo, "--no-cache", "--yes", "--keep-versions", "4",
        ])
        #expect(
            silent.exitCode == 0 && silent.output.contains("may be cached until")
                && silent.output.contains("translations:badge.1:de"), "\(silent.output)\(silent.errors)")
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "10")
        let done = try await stage.json(["--keep-versions", "all", "--older-than", "1000d"])
        #expect(done["deleted"].int == 0 && done["invalidated"].int == 10)
        #expect(try await stage.invalidations().count == 10)
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
    }

    @Test("Archive, restore, metrics and limit")
    func files() async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(Self.seed)
        let folder = try ScratchDirectory("cleanup")
        let before = try await stage.sql("SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM translations AS t")
        let limited = try await stage.json([
            "--archive", folder.file("old.avro"), "--metrics-file", folder.file("metrics.prom"), "--limit", "7",
        ])
        #expect(limited["deleted"].int == 7 && limited["limit_reached"].bool == true)
        let rest = try await stage.json([
            "--archive", folder.file("old.avro"), "--metrics-file", folder.file("metrics.prom"),
        ])
        #expect(rest["deleted"].int == 13)
        let metrics = try readText(folder.file("metrics.prom"))
        #expect(metrics.contains("gamification_cleanup_rows{outcome=\"deleted\"} 13"))
        #expect(metrics.contains("gamification_cleanup_last_success_timestamp_seconds"))
        // A run that fails keeps the time of the last one that did not.
        func lastSuccess() throws -> String? {
            try readText(folder.file("metrics.prom")).split(separator: "\n").map(String.init)
                .first { $0.hasPrefix("gamification_cleanup_last_success_timestamp_seconds ") }
        }
        let success = try lastSuccess()
        let failed = try await CleanupStage.run([
            "--postgres", "host=127.0.0.1 port=1", "--no-cache", "--yes", "--wait", "0s", "--metrics-file",
            folder.file("metrics.prom"),
        ])
        #expect(failed.exitCode == 5, "\(failed.errors)")
        #expect(try success != nil && lastSuccess() == success)
        #expect(try readText(folder.file("metrics.prom")).contains("gamification_cleanup_exit_code 5"))
        let restored = try await stage.json(["--restore", folder.file("old.avro")])
        #expect(restored["restored"].int == 20)
        #expect(
            try await stage.sql("SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM translations AS t") == before)
        #expect(try await stage.json(["--restore", folder.file("old.avro")])["present"].int == 20)
    }

    @Test("A disk that is full under the archive ends the run, and no row is gone that is not in the archive")
    func fullDisk() async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(
            """
            INSERT INTO translations (key, locale, version, value)
            SELECT 'badge.' || k, 'en', '1.' || v || '.0', md5(random()::text) || md5(random()::text)
            FROM generate_series(1, 5000) AS k, generate_series(1, 5) AS v
            """)
        try await stage.sql("DELETE FROM translation_invalidations")
        let folder = try ScratchDirectory("cleanup")
        let command = try CleanupStage.command(stage.flags + ["--yes", "--archive", folder.file("old.avro")])
        let result = try await ProcessRunner.run(
            ["bash", "-c", "trap '' XFSZ; ulimit -f 400; exec \"$@\"", "bash"] + command,
            environment: Program.clean.merging(CleanupStage.clean) { $1 })
        #expect(result.exitCode == 1, "\(result.errors)")
        #expect(result.errors.contains("old.avro"))
        let left = try await stage.sql("SELECT count(*) FROM translations")
        // What was deleted is told to the caches, and counted, though the run failed.
        #expect(try await stage.sql("SELECT count(*) FROM translation_invalidations") == "0")
        let thinned = "SELECT count(*) FROM (SELECT FROM translations GROUP BY key HAVING count(*) < 5) AS thinned"
        #expect(try await stage.invalidations().count == Int(try await stage.sql(thinned)))
        let restored = try await CleanupStage.run([
            "--postgres", stage.conninfo, "--no-cache", "--yes", "--restore", folder.file("old.avro"), "--output",
            "json",
        ])
        #expect(try JSON(restored.output)["restored"].int == 25_000 - (Int(left) ?? 0))
        #expect(try await stage.sql("SELECT count(*) FROM translations") == "25000")
    }

    @Test("A second run at the same time is refused with exit 6, naming the holder; a signal ends the first with 143")
    func twoRuns() async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(Self.seed)
        // The first run waits for this row for ever.
        let holder = try ChildProcess(
            ["psql", "-X", "-q", "-A", "-t", "-d", stage.conninfo], input: .open)
        try holder.write(
            "BEGIN; SELECT 'held' FROM translations WHERE key = 'badge.1' AND version = '1.8.0' FOR UPDATE;\n")
        try await holder.waitForOutput { $0.contains("held") }
        let first = try ChildProcess(
            CleanupStage.command(["--postgres", stage.conninfo, "--no-cache", "--yes", "--output", "json"]),
            environment: Program.clean.merging(CleanupStage.clean) { $1 })
        try await first.waitForOutput(onErrors: true) { $0.contains("somebody else holds") }
        let second = try await CleanupStage.run(["--postgres", stage.conninfo, "--no-cache", "--yes"])
        #expect(second.exitCode == 6 && second.errors.contains("cleanup-translations on "), "\(second.errors)")
        first.signal(SIGTERM)
        let ended = try await first.wait()
        #expect(ended.exitCode == 143, "\(ended.errors)")
        #expect(try JSON(ended.output)["deleted"].int == 18)
        let timed = try await CleanupStage.run([
            "--postgres", stage.conninfo, "--no-cache", "--yes", "--run-time", "5s", "--output", "json",
        ])
        #expect(timed.exitCode == 7)
        #expect(try JSON(timed.output)["groups_left"].int == 2)
    }

    @Test("Redis away: with --require-cache nothing is deleted and the exit is 5; without it the run waits for it")
    func redisAway() async throws {
        let redis = try await ScratchRedis.start()
        let stage = try await CleanupStage.make(redis: redis)
        try await stage.sql(Self.seed)
        try await redis.kill()
        let refused = try await CleanupStage.run(stage.flags + ["--yes", "--require-cache"])
        #expect(refused.exitCode == 5, "\(refused.errors)")
        #expect(try await stage.sql("SELECT count(*) FROM translations") == "50")
        let waiting = try ChildProcess(
            CleanupStage.command(stage.flags + ["--yes", "--output", "json"]),
            environment: Program.clean.merging(CleanupStage.clean) { $1 })
        try await waiting.waitForOutput(onErrors: true) { $0.contains("waiting:") }
        try await redis.resume()
        let ended = try await waiting.wait()
        #expect(ended.exitCode == 0, "\(ended.errors)")
        #expect(try JSON(ended.output)["invalidated"].int == 10)
    }

    @Test(
        "A clock that is wrong on this machine changes nothing: ages are judged by the database's",
        .enabled(if: ProcessRunner.isInstalled("faketime"), "skipped: faketime is not installed"),
        arguments: ["+400d", "-400d"])
    func clock(shift: String) async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(
            """
            INSERT INTO translations (key, locale, version, value, created_at)
            SELECT 'badge', 'en', '1.' || v || '.0', 'v', now() - v * interval '40 days'
            FROM generate_series(0, 4) AS v
            """)
        let command = try CleanupStage.command([
            "--postgres", stage.conninfo, "--no-cache", "--yes", "--keep-versions", "all", "--older-than", "100d",
            "--output", "json",
        ])
        let result = try await ProcessRunner.run(
            ["faketime", "-f", shift] + command, environment: Program.clean.merging(CleanupStage.clean) { $1 })
        #expect(result.exitCode == 0, "\(result.errors)")
        // 1.4.0 is the newest, though the oldest.
        #expect(try JSON(result.output)["deleted"].int == 1)
        #expect(
            try await stage.sql("SELECT string_agg(version, ' ' ORDER BY version) FROM translations")
                == "1.0.0 1.1.0 1.2.0 1.4.0")
    }

    @Test("What is left is counted: at a limit, and null where there is no time for it")
    func remaining() async throws {
        let stage = try await CleanupStage.make()
        try await stage.sql(Self.seed)
        let dry = try await stage.json(["--dry-run"])
        #expect(dry["selected"].int == 20 && dry["remaining"].int == 20)
        let limited = try await stage.json(["--limit", "7"])
        #expect(limited["selected"].int == 20 && limited["remaining"].int == 13)
        #expect(limited["work_left"].bool == true)
        let rest = try await stage.json()
        #expect(rest["selected"].int == 13 && rest["remaining"].int == 0 && rest["work_left"].bool == false)
    }

    @Test("What is said to be restored is on the disk")
    func durableRestore() async throws {
        // The server puts nothing there by itself for ten seconds.
        let postgres = try await ScratchPostgres.start(settings: ["wal_writer_delay": "10s"])
        let stage = try await CleanupStage.make(postgres: postgres)
        try await stage.sql(Self.seed)
        let folder = try ScratchDirectory("cleanup")
        let flags = ["--postgres", stage.conninfo, "--no-cache", "--yes"]
        let pruned = try await CleanupStage.run(flags + ["--archive", folder.file("old.avro")])
        #expect(pruned.exitCode == 0, "\(pruned.errors)")
        try await stage.sql(
            """
            CREATE TABLE marks (place pg_lsn);
            CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO marks VALUES (pg_current_wal_insert_lsn());
                RETURN NULL;
            END
            $$;
            CREATE TRIGGER mark AFTER INSERT ON translations FOR EACH STATEMENT EXECUTE FUNCTION mark();
            """)
        let restored = try await CleanupStage.run(flags + ["--restore", folder.file("old.avro")])
        #expect(restored.exitCode == 0, "\(restored.errors)")
        #expect(try await stage.sql("SELECT pg_current_wal_flush_lsn() >= max(place) FROM marks") == "t")
    }

    @Test("A signal ends a look that waits for a lock, at once")
    func stoppedLook() async throws {
        let stage = try await CleanupStage.make()
        let holder = try ChildProcess(["psql", "-X", "-q", "-A", "-t", "-d", stage.conninfo], input: .open)
        try holder.write("BEGIN; LOCK TABLE translations; SELECT 'held';\n")
        try await holder.waitForOutput { $0.contains("held") }
        let look = try ChildProcess(
            CleanupStage.command([
                "--postgres", stage.conninfo, "--dry-run", "--lock-timeout", "60s", "--statement-timeout", "60s",
            ]), environment: Program.clean.merging(CleanupStage.clean) { $1 })
        let waits = try await eventually {
            try await stage.sql(
                "SELECT count(*) FROM pg_locks WHERE relation = 'translations'::regclass AND NOT granted") == "1"
        }
        #expect(waits)
        look.signal(SIGTERM)
        #expect(try await look.wait(deadline: 20).exitCode == 143)
    }

    @Test("Values that nobody should give are each refused with what would be right")
    func hostileValues() async throws {
        let values = [
            ("--keep-versions", "-1"), ("--keep-versions", "9999999999999999999999"), ("--older-than", "-3d"),
            ("--limit", "0"), ("--batch-time", "1h"), ("--batch-time", "0ms"), ("--run-time", "soon"),
            ("--sleep-ratio", "nan"), ("--sleep-ratio", "inf"), ("--max-load", "-2"), ("--locale", ""),
            ("--locale", "en'; DROP TABLE translations; --"), ("--key", "a\\"), ("--redis", "127.0.0.1:99999"),
            ("--topic", "no/such"), ("--lock-timeout", "-5ms"), ("--output", "yaml"),
            ("--metrics-file", "/no/such/folder/metrics.prom"),
        ]
        for (flag, value) in values {
            let result = try await CleanupStage.run([
                "--postgres", "host=127.0.0.1 port=1", "--no-cache", "--yes", "--wait", "0s", flag, value,
            ])
            #expect(result.exitCode == 2 && result.errors.contains(flag), "\(flag) \(value): \(result.errors)")
        }
    }

    @Test("Wrong database, password, topic and calls: each has its exit code, and no secret is shown")
    func badInput() async throws {
        let stage = try await CleanupStage.make()
        let port = try FreePort.next()
        let quick = ["--no-cache", "--yes", "--wait", "0s", "--postgres"]
        let unreachable = try await CleanupStage.run(quick + ["host=127.0.0.1 port=\(port)"])
        #expect(unreachable.exitCode == 5, "\(unreachable.errors)")
        let password = try ScratchDirectory("password")
        try password.write("secret", "hunter2")
        let wrong = try await CleanupStage.run(
            quick + [
                stage.postgres.tcpConninfo(database: stage.database), "--postgres-password-file",
                password.file("secret"),
            ])
        #expect(wrong.exitCode == 4 && !wrong.errors.contains("hunter2"), "\(wrong.errors)")
        let missing = try await CleanupStage.run(quick + [stage.postgres.conninfo(database: "no_such")])
        #expect(missing.exitCode == 6, "\(missing.errors)")
        let bare = try await CleanupStage.run(quick + [stage.postgres.conninfo()])
        #expect(bare.exitCode == 6 && bare.errors.contains("gamification-server migrate"), "\(bare.errors)")
        let mistyped = try await CleanupStage.run(quick + [stage.conninfo, "--locale", "en", "--locale", "pt_PT"])
        #expect(mistyped.exitCode == 2)
        let unknown = try await CleanupStage.run(quick + [stage.conninfo, "--locale", "en", "--locale", "pt-PT"])
        #expect(unknown.exitCode == 2 && unknown.errors.contains("pt-PT is not in the table"), "\(unknown.errors)")
        let stray = try await CleanupStage.run(quick + [stage.conninfo, "--skip-damaged"])
        #expect(stray.exitCode == 2 && stray.errors.contains("--restore"), "\(stray.errors)")
        let question = try await CleanupStage.run(["--no-cache", "--postgres", stage.conninfo])
        #expect(question.exitCode == 6 && question.errors.contains("--yes"), "\(question.errors)")
        let usage = try await CleanupStage.run([
            "--postgres", "host=h password=hunter2", "--keep-versions", "0", "--older-than", "soon", "--key", "",
            "--no-cache", "--require-cache", "--sleep-ratio", "-1",
        ])
        #expect(usage.exitCode == 2 && !usage.errors.contains("hunter2"))
        for part in [
            "--postgres", "--keep-versions", "--older-than", "--key", "--no-cache and --require-cache", "--sleep-ratio",
        ] {
            #expect(usage.errors.contains(part), "\(usage.errors)")
        }
        let needs = try await CleanupStage.run(["--postgres", stage.conninfo, "--yes"])
        #expect(needs.exitCode == 2)
        for part in ["--redis", "--bootstrap-servers", "--schema-registry"] { #expect(needs.errors.contains(part)) }
    }

    @Test("Help and man page are those in the repository, and completions are valid for their shells")
    func help() async throws {
        let result = try await CleanupStage.run(["--help"])
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        try Golden.expect(result.output, in: Golden.fixture("cleanup-help.txt"))
        let page = try await CleanupStage.run(["man"])
        try Golden.expect(page.output, in: ServiceHome.packageRoot + "/man/cleanup-translations.1")
        for shell in ["bash", "zsh", "fish"] {
            let script = try await CleanupStage.run(["completions", shell])
            #expect(script.exitCode == 0)
            guard ProcessRunner.isInstalled(shell) else { continue }
            let check = try await ProcessRunner.run([shell, "-n"], input: .text(script.output))
            #expect(check.exitCode == 0, "\(check.errors)")
        }
    }
}
