import EventLoop
import Kafka
import Lifecycle
import Postgres

/// Carries out purges: those that are asked for, and those that a crash left. Requests of one merchant join the purge that is
/// under way.
final class Purges {
    typealias Completion = (Result<PurgeRequest, PurgeFailure>) -> Void
    typealias Run = ([PostgresQuery], @escaping (LoopPostgres.Answer) -> Void) -> Void

    /// Why a purge is not finished. What was begun goes on later.
    enum PurgeFailure: Error, Equatable {
        case database(String)
        case archive(String)
    }

    /// Purges that are carried out at a time.
    static let limit = 16
    /// Seconds after which another instance takes an unfinished one up.
    private static let age: Int32 = 30

    private let postgres: LoopPostgres
    private let kafka: LoopProducer
    private let event: PurgeEvent
    private let schemaID: () -> Int32?
    private var underWay: [PostgresUUID: [Completion]] = [:]

    /// `schemaID` is nil until the registry has answered.
    init(postgres: LoopPostgres, kafka: LoopProducer, schemaID: @escaping () -> Int32?) throws {
        self.postgres = postgres
        self.kafka = kafka
        self.schemaID = schemaID
        event = try PurgeEvent()
    }

    /// Whether another purge may begin.
    var hasRoom: Bool { underWay.count < Self.limit }

    /// Asks for a purge of the merchant's audit trail up to now. `completion` is told when it is finished, or why it is not yet.
    func request(_ merchant: PostgresUUID, eventID: PostgresUUID, traceID: String?, _ completion: @escaping Completion)
    {
        let query = PostgresQuery(PurgeStatements.request) {
            $0.add(eventID)
            $0.add(merchant)
            $0.add(traceID)
        }
        postgres.run([query]) { [self] answer in
            switch answer {
            case .failure(let error): completion(.failure(.database("\(error)")))
            case .success(let results):
                guard let request = results.first.flatMap({ PurgeRequest($0) }) else {
                    return completion(.failure(.database("the request was not stored")))
                }
                carryOut(request, { [postgres] in postgres.run($0, $1) }, completion)
            }
        }
    }

    /// Takes up the oldest purge that nobody has finished.
    var sweep: Sweep {
        Sweep(name: "purge_requests", interval: 10) { [self] lease, done in
            guard !kafka.isAway, schemaID() != nil else { return done(.idle) }
            lease.run([PostgresQuery(PurgeStatements.unfinished) { $0.add(Self.age) }]) { [self] answer in
                switch answer {
                case .failure(let error): done(.failed("\(error)"))
                case .success(let results):
                    guard let request = results.first.flatMap({ PurgeRequest($0) }), underWay[request.eventID] == nil
                    else { return done(.idle) }
                    carryOut(request, { lease.run($0, $1) }) { result in
                        switch result {
                        case .success: done(.more)
                        case .failure(let failure): done(.failed("\(failure)"))
                        }
                    }
                }
            }
        }
    }

    private func carryOut(_ request: PurgeRequest, _ run: @escaping Run, _ completion: @escaping Completion) {
        let isNew = underWay[request.eventID] == nil
        underWay[request.eventID, default: []].append(completion)
        guard isNew else { return }
        let machine = PurgeMachine(request)
        step(machine, machine.first, run)
    }

    private func end(_ machine: PurgeMachine, _ result: Result<PurgeRequest, PurgeFailure>) {
        for completion in underWay.removeValue(forKey: machine.request.eventID) ?? [] { completion(result) }
    }

    private func step(_ machine: PurgeMachine, _ step: PurgeMachine.Step, _ run: @escaping Run) {
        let request = machine.request
        switch step {
        case .done: end(machine, .success(request))
        case .publish: publish(machine, run)
        case .delete:
            let query = PostgresQuery(PurgeStatements.deleteBatch) {
                $0.add(request.merchant)
                $0.add(timestamp: request.requestedAt)
                $0.add(request.eventID)
                $0.add(Int64(PurgeStatements.batch) as Int64?)
            }
            ask(machine, query, run) { result in
                var next = machine
                let count = Int(result.binaryInteger(0, 0) ?? 0)
                let step = next.deleted(count, total: result.binaryInteger(0, 1) ?? request.purged)
                self.step(next, step, run)
            }
        case .clear(let award):
            let query = PostgresQuery(PurgeStatements.clearPage) {
                $0.add(request.merchant)
                $0.add(timestamp: request.requestedAt)
                $0.add(award.customer)
                $0.add(award.badge)
                $0.add(Int64(PurgeStatements.batch) as Int64?)
            }
            ask(machine, query, run) { result in
                let last = result.binaryUUID(0, 0).map {
                    PurgeMachine.Award(customer: $0, badge: result.text(0, 1) ?? "")
                }
                self.step(machine, machine.cleared(last), run)
            }
        case .finish:
            ask(machine, PostgresQuery(PurgeStatements.finish) { $0.add(request.eventID) }, run) { _ in
                self.step(machine, machine.finished(), run)
            }
        }
    }

    private func ask(
        _ machine: PurgeMachine, _ query: PostgresQuery, _ run: @escaping Run,
        _ then: @escaping (PostgresResult) -> Void
    ) {
        run([query]) { [self] answer in
            switch answer {
            case .failure(let error): end(machine, .failure(.database("\(error)")))
            case .success(let results):
                guard let result = results.first else {
                    return end(machine, .failure(.database("the database gave no answer")))
                }
                then(result)
            }
        }
    }

    private func publish(_ machine: PurgeMachine, _ run: @escaping Run) {
        guard let id = schemaID(), let record = try? event.record(machine.request, schemaID: id) else {
            return end(machine, .failure(.archive("the schema registry has not answered yet")))
        }
        let isTaken = kafka.send(record, to: PurgeEvent.topic) { [self] error in
            if let error { return end(machine, .failure(.archive("\(error)"))) }
            step(machine, machine.published(), run)
        }
        if !isTaken { end(machine, .failure(.archive("Kafka takes no records"))) }
    }
}
