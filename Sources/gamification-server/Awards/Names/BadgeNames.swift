import EventLoop
import Lifecycle
import Observability
import Redis
import Translations

/// The names of badges, from `translations`: cached in the process and in Redis, taken out of both when `cache.invalidate`
/// says so (contracts, section 4).
///
/// Several that look for one name at once make one search (no stampede), and the searches of one turn of the loop one
/// question to the database. A name that does not exist is remembered as well, in the process alone.
final class BadgeNames {
    /// What a search comes to: the name, or nil where there is none; or that it cannot be found out now.
    typealias Answer = Result<BadgeName?, Unavailable>

    /// The database is away.
    struct Unavailable: Error, Equatable {}

    /// How long entries live in the process: never longer than 60 s.
    private static let lifetime: Int64 = 60_000_000_000
    private static let absentLifetime: Int64 = 10_000_000_000
    /// Entries in the process.
    private static let limit = 20_000
    /// Searches under way; more are refused.
    private static let searchLimit = 10_000

    private let loop: EventLoop
    private let redis: LoopRedis
    private let reader: NameReader
    private let metrics: ServerMetrics
    private var cache = ExpiringCache<TranslationGroup, BadgeName?>(limit: limit)
    private var searches: [TranslationGroup: NameSearch] = [:]
    /// Whether changes are heard of: without, nothing is kept in the process, nor filled in Redis.
    private var hearsChanges = false

    init(_ loop: EventLoop, redis: LoopRedis, reader: NameReader, metrics: ServerMetrics) {
        self.loop = loop
        self.redis = redis
        self.reader = reader
        self.metrics = metrics
    }

    /// The name in `locale`, its base language or English, if the process knows; nil if it must be looked for.
    func known(_ badge: String, locale: String, looksAgain: Bool) -> BadgeName?? {
        for candidate in BadgeName.candidates(locale) {
            guard let entry = entry(TranslationGroup(key: badge, locale: candidate), looksAgain) else { return nil }
            if let name = entry {
                metrics.translationHits.add()
                return .some(name)
            }
        }
        metrics.translationHits.add()
        return .some(nil)
    }

    /// Looks for the name. `completion` is called on the loop's thread, possibly before this returns.
    ///
    /// - Parameter looksAgain: what is remembered as absent is not believed.
    func find(_ badge: String, locale: String, looksAgain: Bool, _ completion: @escaping (Answer) -> Void) {
        if let known = known(badge, locale: locale, looksAgain: looksAgain) { return completion(.success(known)) }
        find(badge, BadgeName.candidates(locale)[...], looksAgain, completion)
    }

    private func find(
        _ badge: String, _ candidates: ArraySlice<String>, _ looksAgain: Bool, _ completion: @escaping (Answer) -> Void
    ) {
        guard let first = candidates.first else { return completion(.success(nil)) }
        search(TranslationGroup(key: badge, locale: first), looksAgain) { [self] answer in
            if case .success(nil) = answer { return find(badge, candidates.dropFirst(), looksAgain, completion) }
            completion(answer)
        }
    }

    /// What the process remembers: a name, that there is none, or nothing.
    private func entry(_ group: TranslationGroup, _ looksAgain: Bool) -> BadgeName?? {
        let entry = cache.value(group, at: loop.now)
        if looksAgain, case .some(nil) = entry { return nil }
        return entry
    }

    private func search(
        _ group: TranslationGroup, _ looksAgain: Bool, _ completion: @escaping (Answer) -> Void
    ) {
        if let entry = entry(group, looksAgain) { return completion(.success(entry)) }
        if let search = searches[group] { return search.waiters.append(completion) }
        guard searches.count < Self.searchLimit else { return completion(.failure(Unavailable())) }
        let search = NameSearch(group, name: redis.keys.translation(key: group.key, locale: group.locale))
        search.waiters.append(completion)
        searches[group] = search
        search.begin(redis, reader, mayFill: hearsChanges, at: loop.now) { [self] answer, source in
            finish(search, answer, source)
        }
    }

    private func finish(_ search: NameSearch, _ answer: Answer, _ source: NameSearch.Source) {
        if searches[search.group] === search { searches[search.group] = nil }
        if case .success(let name) = answer {
            if source == .redis { metrics.translationHits.add() } else { metrics.translationMisses.add() }
            if hearsChanges, !search.isOvertaken {
                let lifetime = name == nil ? Self.absentLifetime : Self.lifetime
                cache.insert(name, for: search.group, until: loop.now.advanced(by: lifetime))
            }
        }
        let waiters = search.waiters
        search.waiters = []
        for waiter in waiters { waiter(answer) }
    }

    // MARK: Changes

    /// From now on every change is heard of. What searches that are under way find may have changed before.
    func beginCaching() {
        overtakeSearches()
        hearsChanges = true
    }

    /// Changes may have been missed: everything is forgotten, and nothing is kept until ``beginCaching()``.
    func endCaching() {
        hearsChanges = false
        cache.removeAll()
        overtakeSearches()
    }

    private func overtakeSearches() {
        for search in searches.values { search.isOvertaken = true }
        searches = [:]
    }

    private static let keyPrefix: StaticString = "translations:"

    /// Something cached has changed. Of interest are translations, by their key in the cache in the plain spelling: nothing is
    /// made of the others, which are many.
    func invalidate(key: UnsafeRawBufferPointer) {
        let prefix = UnsafeRawBufferPointer(rebasing: key.prefix(Self.keyPrefix.utf8CodeUnitCount))
        let rest = key[prefix.count...]
        guard prefix.equals(Self.keyPrefix), let colon = rest.lastIndex(of: UInt8(ascii: ":")) else { return }
        let group = TranslationGroup(
            key: String(decoding: rest[..<colon], as: UTF8.self),
            locale: String(decoding: rest[(colon + 1)...], as: UTF8.self))
        cache.remove(group)
        // Whoever asks from now on needs a search that begins now.
        if let search = searches.removeValue(forKey: group) { search.isOvertaken = true }
    }
}
