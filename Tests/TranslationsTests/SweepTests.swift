import Avro
import Postgres
import Redis
import TestSupport
import Testing
import Translations

@Suite("Sweeping intents", ScratchPostgres.requirement, ScratchRedis.requirement, .blocking)
struct SweepTests {
    /// A program that does what a sweep says, on a real database and cache.
    private final class World {
        let database: PostgresSession
        let redis: RedisSession
        /// Ends with the last reference.
        private let server: ScratchRedis
        var published: [TranslationGroup] = []
        /// How many steps come to nothing, and what happens at each.
        var failures = 0
        var atFailure: () throws -> Void = {}

        init(_ postgres: ScratchPostgres, _ redis: ScratchRedis) async throws {
            server = redis
            let name = try await postgres.createDatabase("sweep")
            database = try PostgresSession(
                PostgresConfiguration(postgres.conninfo(database: name), applicationName: "TranslationsTests"))
            try Migrator(database, MigrationFolder.read(ServiceHome.packageRoot + "/migrations")).apply()
            self.redis = try RedisSession(
                RedisConfiguration([RedisAddress(host: "127.0.0.1", port: Int(redis.port))], clientName: "test"))
        }

        /// Runs a sweep; with `steps` it is left after so many.
        func run(_ start: IntentSweep, steps: Int = .max) throws -> IntentSweep {
            var sweep = start
            var left = steps
            while left > 0 {
                left -= 1
                let step = sweep.step
                if case .unlink = step, failures > 0 {
                    failures -= 1
                    try atFailure()
                    sweep.failed()
                    continue
                }
                switch step {
                case .query(let query):
                    sweep.accept(try database.query(query.statement, query.parameters, format: .binary))
                case .unlink(let translations):
                    let commands = CachedTranslation.invalidation(of: translations, inCluster: false, style: .plain)
                    for result in try redis.run(pipeline: commands) { _ = try result.get() }
                    sweep.advance()
                case .publish(let groups):
                    published += groups
                    sweep.advance()
                case .done: return sweep
                }
            }
            return sweep
        }

        func insert(_ key: String, _ version: String) throws {
            var parameters = PostgresParameters()
            parameters.add(key)
            parameters.add(version)
            _ = try database.query(
                "INSERT INTO translations (key, locale, version, value) VALUES ($1, 'en', $2, 'text')", parameters)
        }

        var intents: Int64 {
            get throws { try database.query("SELECT count(*) FROM translation_invalidations").integer(0, 0) ?? -1 }
        }

        func cache(_ name: String, _ value: String) throws {
            try redis.run(RedisCommand("SET", key: name, value))
        }

        func cached(_ name: String) throws -> RedisReply { try redis.run(RedisCommand("GET", key: name)) }
    }

    private func world() async throws -> World {
        try await World(ScratchPostgres.shared(), ScratchRedis.start())
    }

    @Test("A stale name goes, a current one stays, both are told, and the intents are cleared")
    func sweeps() async throws {
        let world = try await world()
        for key in ["stale", "current", "{a}'%🏆"] {
            for version in ["1.9.0", "1.10.0"] { try world.insert(key, version) }
            try world.cache("translations:\(key):en", key == "current" ? "1.10.0|text" : "1.9.0|text")
        }
        // The other spelling, from before a change of style, and a filler that read too early.
        try world.cache("translations:{stale}:en", "1.9.0|text")
        try world.cache("fill:translations:current:en", "token")
        try world.insert("not cached", "1.0.0")
        // What is no string is not what it should be.
        try world.insert("list", "1.0.0")
        try world.redis.run(RedisCommand("RPUSH", key: "translations:list:en", "1.0.0|text"))
        // More than one script takes.
        for number in 0..<40 {
            try world.insert("many \(number)", "1.0.0")
            try world.cache("translations:many \(number):en", number == 39 ? "1.0.0|text" : "0.1.0|text")
        }
        let last = try world.database.query("SELECT max(id) FROM translation_invalidations").integer(0, 0) ?? 0
        let sweep = try world.run(IntentSweep(upTo: last))
        #expect(sweep.finished == 45)
        #expect(
            world.published.map(\.key).filter { !$0.hasPrefix("many") }.sorted()
                == ["current", "list", "not cached", "stale", "{a}'%🏆"])
        for number in 0..<39 { #expect(try world.cached("translations:many \(number):en") == .null) }
        #expect(try world.cached("translations:many 39:en") == .bytes(Array("1.0.0|text".utf8)))
        #expect(try world.redis.run(RedisCommand("EXISTS", key: "translations:list:en")) == .integer(0))
        for name in ["translations:stale:en", "translations:{stale}:en", "translations:{a}'%🏆:en"] {
            #expect(try world.cached(name) == .null, "\(name)")
        }
        #expect(try world.cached("translations:current:en") == .bytes(Array("1.10.0|text".utf8)))
        #expect(try world.cached("fill:translations:current:en") == .null)
        #expect(try world.intents == 0)
    }

    @Test("A program that ends after any step leaves what the next one needs")
    func endsAnywhere() async throws {
        let world = try await world()
        for steps in 0...5 {
            let key = "key \(steps)"
            try world.insert(key, "1.0.0")
            try world.cache("translations:\(key):en", "0.9.0|old")
            _ = try world.run(IntentSweep(upTo: .max), steps: steps)
            // Read, newest, unlink, publish, clear: before the last of them the intent is there.
            #expect(try world.intents == (steps < 5 ? 1 : 0), "after \(steps) steps")
            _ = try world.run(IntentSweep(upTo: .max))
            #expect(try world.cached("translations:\(key):en") == .null)
            #expect(try world.intents == 0)
            #expect(world.published.contains { $0.key == key })
        }
    }

    @Test("What became the newest version while a cache was away is what the cache may keep")
    func readsAnew() async throws {
        let world = try await world()
        try world.insert("k", "1.0.0")
        try world.cache("translations:k:en", "1.0.0|text")
        world.failures = 1
        world.atFailure = { try world.insert("k", "2.0.0") }
        _ = try world.run(IntentSweep(upTo: 1))
        #expect(try world.cached("translations:k:en") == .null)
        #expect(try world.intents == 1, "the second version's own intent is above the sweep's end")
    }

    @Test("A sweep by age leaves what is younger to whoever wrote it")
    func byAge() async throws {
        let world = try await world()
        try world.insert("old", "1.0.0")
        try world.insert("new", "1.0.0")
        try world.database.query(
            "UPDATE translation_invalidations SET created_at = now() - interval '61 seconds' WHERE key = 'old'")
        let sweep = try world.run(IntentSweep(olderThanSeconds: 60))
        #expect(sweep.finished == 1)
        #expect(world.published.map(\.key) == ["old"])
        #expect(try world.intents == 1)
    }

    @Test("More intents than are read at a time, some of them of one group")
    func pages() async throws {
        let world = try await world()
        try world.database.query(
            """
            INSERT INTO translation_invalidations (key, locale)
            SELECT 'k' || n % 6000, 'en' FROM generate_series(1, 11000) AS n
            """)
        let sweep = try world.run(IntentSweep(upTo: 10_999))
        // 5,000 of each page are of groups of their own; the last page has 999.
        #expect(sweep.finished == 10_999)
        #expect(Set(world.published).count == 6_000)
        #expect(try world.intents == 1)
    }

    @Test("Known intents are finished by their ids, and none that came later")
    func known() async throws {
        let world = try await world()
        try world.insert("k", "1.0.0")
        let rows = try world.database.query("SELECT id, key, locale FROM translation_invalidations", format: .binary)
        let intents = TranslationIntent.read(rows)
        try world.insert("k", "1.1.0")
        #expect(try world.run(IntentSweep(intents)).finished == 1)
        #expect(try world.intents == 1)
        #expect(try world.run(IntentSweep([])).finished == 0)
        #expect(try world.run(IntentSweep(upTo: 0)).finished == 0)
    }
}
