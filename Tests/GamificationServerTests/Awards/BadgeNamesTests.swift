import EventLoop
import LoopTestSupport
import Postgres
import Redis
import RedisKit
import TestSupport
import Testing

@testable import gamification_server

@Suite("Names of badges", ScratchPostgres.requirement, .blocking)
struct BadgeNamesTests {
    private final class Stage {
        let names: BadgeNames
        private let postgres: LoopPostgres
        private let redis: LoopRedis

        /// With a Redis that nobody is at.
        init(_ loop: EventLoop, _ configuration: PostgresConfiguration, port: Int) throws {
            postgres = try LoopPostgres(loop, configuration, size: 2)
            redis = try LoopRedis(
                loop, RedisConfiguration([RedisAddress(host: "127.0.0.1", port: port)], clientName: "test")
            ) { _ in .plain }
            names = BadgeNames(
                loop, redis: redis, reader: NameReader(loop, postgres: postgres), metrics: ServerMetrics())
        }
    }

    @Test("What a search finds that began before changes are heard of is told, and not kept; what begins later is")
    func position() async throws {
        let database = try await LedgerDatabase()
        let configuration = try database.configuration
        try await database.psql(
            "INSERT INTO translations (key, locale, value, version) VALUES ('b', 'en', 'Badge', '1.0.0')")
        let holder = try PostgresSession(configuration)
        try holder.query("BEGIN")
        try holder.query("LOCK TABLE translations")
        let port = Int(try FreePort.next())
        let thread = try await LoopThread { try Stage($0, configuration, port: port) }
        func find() async throws -> String? {
            try await thread.wait { (stage, done: @escaping (String?) -> Void) in
                stage.names.find("b", locale: "en", looksAgain: false) { answer in
                    if case .success(let name) = answer { done(name?.text) } else { done(nil) }
                }
            }
        }
        async let early = find()
        let waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'translations'::regclass AND NOT granted"
        #expect(try await eventually { try await database.psql(waiting) != "0" })
        try await thread.run { $0.names.beginCaching() }
        holder.close()
        #expect(try await early == "Badge")
        #expect(try await thread.run { $0.names.known("b", locale: "en", looksAgain: false) == nil })
        #expect(try await find() == "Badge")
        #expect(try await thread.run { $0.names.known("b", locale: "en", looksAgain: false) != nil })
    }
}
