import EventLoop
import Lifecycle
import Observability
import Postgres

/// Carries out what ``AwardMachine`` decides, for all awards of this instance: from gRPC one by one, from the saga by the batch.
final class AwardDriver: AwardPath {
    /// Nanoseconds that a caller waits for the database and for Kafka.
    private static let databasePatience: Int64 = 1_000_000_000
    private static let kafkaPatience: Int64 = 100_000_000

    let names: BadgeNames
    private unowned let context: ServerContext
    private let loop: EventLoop
    private let cache: AwardCache
    private let customers: Customers
    private let rows: AwardRows
    private let publisher: AwardPublisher
    private let marks: PublishedMarks
    private let sweeper: OutboxSweeper
    private let publishedByCall: Counter
    private var wheel: TimerWheel?
    private var waiting: [UInt64: AwardCall] = [:]
    private var lastToken: UInt64 = 0

    init(_ context: ServerContext) throws {
        self.context = context
        loop = context.loop
        cache = AwardCache(context.caches)
        let reader = NameReader(context.loop, postgres: context.postgres)
        names = BadgeNames(context.loop, redis: context.caches, reader: reader, metrics: context.metrics)
        customers = try Customers(context)
        rows = AwardRows(context.loop, postgres: context.postgres, log: context.log)
        publisher = AwardPublisher(context)
        marks = try PublishedMarks(context.loop, postgres: context.postgres, log: context.log)
        sweeper = try OutboxSweeper(context, publisher)
        publishedByCall = context.metrics.published.with("call")
        wheel = try TimerWheel(context.loop) { [unowned self] token in waitedInVain(token) }
        let feed = try InvalidationFeed(context, names: names)
        context.onShutdown(.intake) { [sweeper] done in
            feed.stop()
            sweeper.stop(done)
        }
        context.onShutdown(.flush) { [marks, context] done in context.kafka.whenIdle { marks.flush(done) } }
        context.onShutdown(.close) { [customers] done in
            customers.close()
            done()
        }
    }

    func award(_ requests: [AwardRequest], completion: @escaping ([AwardResult]) -> Void) {
        var results = [AwardResult](repeating: .failed(.notReady), count: requests.count)
        var left = requests.count
        let hook = TurnHook(loop) { completion(results) }
        guard left > 0 else { return hook.request() }
        for (index, request) in requests.enumerated() {
            award(request) { result in
                results[index] = result
                left -= 1
                if left == 0 { hook.request() }
            }
        }
    }

    /// Makes one award. `completion` is called once, possibly before this returns. What comes back stands for the call, as
    /// long as it is not answered.
    @discardableResult
    func award(_ request: AwardRequest, completion: @escaping (AwardResult) -> Void) -> AwardCall {
        let call = AwardCall(request, completion)
        carryOut(call.machine.begin(isReady: context.schemas != nil), call)
        return call
    }

    /// The caller has gone: nothing is begun for it any more.
    func abandon(_ call: AwardCall) {
        call.completion = nil
        carryOut(call.machine.handle(.abandoned), call)
    }

    // MARK: Steps

    private func tell(_ event: AwardMachine.Event, _ call: AwardCall) {
        carryOut(call.machine.handle(event, hasBacklog: sweeper.isFull), call)
    }

    private func carryOut(_ steps: AwardMachine.Steps, _ call: AwardCall) {
        if steps.isEmpty { return }
        if steps.contains(.readCache) { readCache(call) }
        if steps.contains(.resolveBadge) { resolveBadge(call) }
        if steps.contains(.askCustomer) { askCustomer(call) }
        if steps.contains(.insertRow) { insertRow(call) }
        if steps.contains(.publish) { publish(call) }
        if steps.contains(.markPublished) {
            publishedByCall.add()
            marks.add(call.key)
        }
        if steps.contains(.storeCache) { storeCache(call) }
        if steps.contains(.answer), let result = call.machine.result {
            let completion = call.completion
            call.completion = nil
            completion?(result)
        }
    }

    private func readCache(_ call: AwardCall) {
        cache.read(
            merchant: call.merchant, customer: call.customer, badge: call.key.badge, at: loop.now
        ) { [self] award, customer in
            tell(.cacheAnswered(award: award, customer: customer), call)
        }
    }

    private func resolveBadge(_ call: AwardCall) {
        let locale = call.machine.locale ?? "en"
        let looksAgain = call.request.looksAgain
        if let known = names.known(call.key.badge, locale: locale, looksAgain: looksAgain) {
            return tell(.badge(locale: known?.locale), call)
        }
        wait(call, Self.databasePatience)
        names.find(call.key.badge, locale: locale, looksAgain: looksAgain) { [self] answer in
            endWait(call)
            switch answer {
            case .success(let name): tell(.badge(locale: name?.locale), call)
            case .failure: tell(.badgeUnavailable, call)
            }
        }
    }

    private func askCustomer(_ call: AwardCall) {
        customers.ask(merchant: call.request.merchant, customer: call.request.customer) { [self] answer in
            switch answer {
            case .known(let language): tell(.customer(language: language), call)
            case .unknown: tell(.customer(language: nil), call)
            case .unavailable: tell(.customerUnavailable, call)
            }
        }
    }

    private func insertRow(_ call: AwardCall) {
        wait(call, Self.databasePatience)
        rows.write(
            AwardRows.Wanted(
                key: call.key, eventID: call.eventID, taskID: call.taskID, locale: call.machine.resolved ?? "en",
                traceID: call.traceID
            ) { [self] outcome in
                endWait(call)
                switch outcome {
                case .inserted(let award):
                    context.metrics.badges.with(call.merchant, call.key.badge, award.locale).add()
                    tell(.row(award, isNew: true), call)
                case .existing(let award): tell(.row(award, isNew: false), call)
                case .failed(let failure): tell(.rowFailed(failure), call)
                }
            })
    }

    private func publish(_ call: AwardCall) {
        guard let award = call.machine.award else { return }
        let row = AwardEvents.Row(
            merchant: call.merchant, customer: call.customer, badge: call.key.badge, eventID: award.eventID,
            taskID: call.taskID, locale: award.locale, awardedAt: award.awardedAt, traceID: call.traceID)
        let wasAway = publisher.isAway
        let isTaken = publisher.publish(row) { [self] isAcknowledged in
            endWait(call)
            if !isAcknowledged { sweeper.noteUnpublished() }
            tell(isAcknowledged ? .acknowledged : .publishingFailed, call)
        }
        guard isTaken else {
            sweeper.noteUnpublished()
            return tell(.publishingFailed, call)
        }
        // The one that finds out whether Kafka is back does not wait for it.
        if wasAway { tell(.publishingIsLate, call) } else { wait(call, Self.kafkaPatience) }
    }

    private func storeCache(_ call: AwardCall) {
        guard let award = call.machine.award else { return tell(.stored, call) }
        cache.store(
            award, merchant: call.merchant, customer: call.customer, badge: call.key.badge, at: loop.now
        ) { [self] in tell(.stored, call) }
    }

    // MARK: Waiting

    private func wait(_ call: AwardCall, _ nanoseconds: Int64) {
        endWait(call)
        lastToken += 1
        waiting[lastToken] = call
        call.token = lastToken
        call.deadline = wheel?.insert(at: loop.now.advanced(by: nanoseconds), token: lastToken)
    }

    private func endWait(_ call: AwardCall) {
        guard let deadline = call.deadline else { return }
        call.deadline = nil
        waiting[call.token] = nil
        wheel?.remove(deadline)
    }

    private func waitedInVain(_ token: UInt64) {
        guard let call = waiting.removeValue(forKey: token) else { return }
        call.deadline = nil
        switch call.machine.phase {
        case .badge: tell(.badgeUnavailable, call)
        case .row: tell(.rowIsLate, call)
        case .publishing:
            publisher.noteTimeout()
            tell(.publishingIsLate, call)
        case .new, .cache, .customer, .storing, .done: break
        }
    }
}
