/// One award from its request to its answer (contracts, section 7): cache, then the row, then Kafka's acknowledgement, then
/// the cache, then the answer. Pure: it is told what happened and says what is to be done next; the driver has the
/// sockets and the clock. Copies of it, on any number of instances, are all there is to an award: what keeps it single is
/// the row.
///
/// It allocates nothing: what is to be done is a set of bits.
struct AwardMachine: Sendable {
    /// What the driver is to do, each to be answered by an event.
    struct Steps: OptionSet, Sendable {
        let rawValue: UInt8

        /// Read the award and the customer from the cache: `cacheAnswered`.
        static let readCache = Steps(rawValue: 1)
        /// Find a translation of the badge in ``AwardMachine/locale``, its base language or English: `badge`.
        static let resolveBadge = Steps(rawValue: 2)
        /// Ask users-service: `customer`.
        static let askCustomer = Steps(rawValue: 4)
        /// Write the row, or read the one that is there: `row`, or first `rowIsLate`.
        static let insertRow = Steps(rawValue: 8)
        /// Publish both events: `acknowledged` or `publishingFailed`, whenever that is; before it
        /// `publishingIsLate` when waiting is over.
        static let publish = Steps(rawValue: 16)
        /// Note in the database that both events are published; nothing is to be said afterwards.
        static let markPublished = Steps(rawValue: 32)
        /// Write the award into the cache: `stored`, when it is or when waiting is over.
        static let storeCache = Steps(rawValue: 64)
        /// Answer with ``AwardMachine/result``.
        static let answer = Steps(rawValue: 128)
    }

    /// What happened.
    enum Event: Sendable {
        /// The cache knows the award (`award`), or only the customer's language (`customer`), or neither; or it is away,
        /// which is the same as neither.
        case cacheAnswered(award: Award?, customer: String?)
        /// The badge has a translation in this locale; nil if in none.
        case badge(locale: String?)
        /// Whether the badge exists cannot be found out now.
        case badgeUnavailable
        /// users-service knows the customer, who reads this language; nil if it does not know them.
        case customer(language: String?)
        /// users-service cannot be asked now.
        case customerUnavailable
        /// The row is committed: by this request (`isNew`), or it was there.
        case row(Award, isNew: Bool)
        /// The row was not written, or that is not known.
        case rowFailed(AwardFailure)
        /// The database takes longer than a caller waits.
        case rowIsLate
        /// Kafka has acknowledged both events.
        case acknowledged
        /// Nobody waits for Kafka any longer.
        case publishingIsLate
        /// Kafka did not take an event, or gave it up: the sweeper will find the row.
        case publishingFailed
        /// The award is in the cache, or will not be.
        case stored
        /// The caller has gone.
        case abandoned
    }

    /// Where it is.
    enum Phase: UInt8, Sendable {
        case new
        case cache
        case badge
        case customer
        case row
        case publishing
        case storing
        case done
    }

    private(set) var phase = Phase.new
    /// The locale that was asked for, or else the customer's; nil as long as neither is known.
    private(set) var locale: String?
    /// The locale that the badge has a translation in.
    private(set) var resolved: String?
    private(set) var award: Award?
    private(set) var result: AwardResult?
    private var knowsCustomer = false
    private var hasAnswered = false
    /// The events are with Kafka, and what became of them is not known yet.
    private var isPublishing = false

    /// An award in this locale; nil takes the customer's.
    init(locale: String?) { self.locale = locale }

    /// Whether anything may still come of it: the driver keeps it until then.
    var isOver: Bool { phase == .done && !isPublishing }

    /// The first steps.
    ///
    /// - Parameter isReady: whether the server can make awards now.
    mutating func begin(isReady: Bool) -> Steps {
        guard phase == .new else { return [] }
        guard isReady else { return fail(.notReady) }
        phase = .cache
        return .readCache
    }

    /// Takes note of an event. An event that nothing waits for does nothing.
    ///
    /// - Parameter hasBacklog: whether so many awards wait for Kafka that no more are taken.
    mutating func handle(_ event: Event, hasBacklog: Bool = false) -> Steps {
        switch event {
        case .cacheAnswered(let award, let customer): return cacheAnswered(award, customer)
        case .badge(let locale): return badge(locale, hasBacklog)
        case .badgeUnavailable: return phase == .badge ? fail(.unavailable(.postgres)) : []
        case .customer(let language): return customer(language, hasBacklog)
        case .customerUnavailable: return phase == .customer ? fail(.unavailable(.users)) : []
        case .row(let award, let isNew): return row(award, isNew: isNew)
        case .rowFailed(let failure): return rowFailed(failure)
        case .rowIsLate: return phase == .row ? reply(.failed(.unavailable(.postgres))) : []
        case .acknowledged: return acknowledged()
        case .publishingIsLate: return store(from: .publishing)
        case .publishingFailed:
            isPublishing = false
            return store(from: .publishing)
        case .stored: return stored()
        case .abandoned: return abandoned()
        }
    }

    // MARK: Before the row

    private mutating func cacheAnswered(_ award: Award?, _ customer: String?) -> Steps {
        guard phase == .cache else { return [] }
        if let award {
            phase = .done
            return reply(.alreadyAwarded(award))
        }
        if let customer {
            knowsCustomer = true
            if locale == nil { locale = customer }
        }
        // Without a locale it is the customer who says which translation is looked for.
        guard locale != nil else {
            phase = .customer
            return .askCustomer
        }
        phase = .badge
        return .resolveBadge
    }

    private mutating func badge(_ locale: String?, _ hasBacklog: Bool) -> Steps {
        guard phase == .badge else { return [] }
        guard let locale else { return fail(.unknownBadge) }
        resolved = locale
        guard knowsCustomer else {
            phase = .customer
            return .askCustomer
        }
        return insert(hasBacklog)
    }

    private mutating func customer(_ language: String?, _ hasBacklog: Bool) -> Steps {
        guard phase == .customer else { return [] }
        guard let language else { return fail(.unknownCustomer) }
        knowsCustomer = true
        if resolved != nil { return insert(hasBacklog) }
        if locale == nil { locale = language }
        phase = .badge
        return .resolveBadge
    }

    private mutating func insert(_ hasBacklog: Bool) -> Steps {
        if hasBacklog { return fail(.backlog) }
        phase = .row
        return .insertRow
    }

    // MARK: The row, and what follows

    private mutating func row(_ award: Award, isNew: Bool) -> Steps {
        guard phase == .row else { return [] }
        self.award = award
        // The row is the award: from here on nothing that fails changes the answer.
        result = isNew ? .awarded(award) : .alreadyAwarded(award)
        guard isNew else { return store(from: .row) }
        phase = .publishing
        isPublishing = true
        return .publish
    }

    private mutating func rowFailed(_ failure: AwardFailure) -> Steps {
        guard phase == .row else { return [] }
        return fail(failure)
    }

    private mutating func acknowledged() -> Steps {
        guard isPublishing else { return [] }
        isPublishing = false
        return store(from: .publishing).union(.markPublished)
    }

    private mutating func store(from phase: Phase) -> Steps {
        guard self.phase == phase else { return [] }
        self.phase = .storing
        return .storeCache
    }

    private mutating func stored() -> Steps {
        guard phase == .storing, let result else { return [] }
        phase = .done
        return reply(result)
    }

    // MARK: Ends

    /// Before the row there is nothing to finish; after it everything is, answered or not.
    private mutating func abandoned() -> Steps {
        hasAnswered = true
        switch phase {
        case .new, .cache, .badge, .customer: phase = .done
        case .row, .publishing, .storing, .done: break
        }
        return []
    }

    private mutating func fail(_ failure: AwardFailure) -> Steps {
        phase = .done
        return reply(.failed(failure))
    }

    private mutating func reply(_ result: AwardResult) -> Steps {
        self.result = result
        guard !hasAnswered else { return [] }
        hasAnswered = true
        return .answer
    }
}
