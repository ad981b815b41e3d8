import EventLoop
import Postgres
import Translations

/// Reads newest translations from the database: those that are asked for in one turn of the loop by one statement.
final class NameReader {
    /// Names a statement asks for at most.
    private static let batch = 500

    private let postgres: LoopPostgres
    private var waiting: [(group: TranslationGroup, completion: (BadgeNames.Answer) -> Void)] = []
    private var hook: TurnHook?
    private var isReading = false

    init(_ loop: EventLoop, postgres: LoopPostgres) {
        self.postgres = postgres
        hook = TurnHook(loop) { [unowned self] in read() }
    }

    deinit { hook?.cancel() }

    func read(_ group: TranslationGroup, _ completion: @escaping (BadgeNames.Answer) -> Void) {
        waiting.append((group, completion))
        if !isReading { hook?.request() }
    }

    private func read() {
        guard !waiting.isEmpty, !isReading else { return }
        isReading = true
        let lot = Array(waiting.prefix(Self.batch))
        waiting.removeFirst(lot.count)
        let query = IntentQuery.newest(lot.map(\.group))
        postgres.run([PostgresQuery(query)], for: .award, patience: 1_000_000_000) { [self] answer in
            isReading = false
            if !waiting.isEmpty { hook?.request() }
            guard case .success(let results) = answer, let rows = results.first else {
                for entry in lot { entry.completion(.failure(BadgeNames.Unavailable())) }
                return
            }
            var names = [BadgeName?](repeating: nil, count: lot.count)
            for row in 0..<rows.rowCount {
                let number = Int(rows.binaryInteger(row, 0) ?? 0) - 1
                guard names.indices.contains(number), let version = rows.text(row, 1), let text = rows.text(row, 2)
                else { continue }
                names[number] = BadgeName(locale: lot[number].group.locale, version: version, text: text)
            }
            for (entry, name) in zip(lot, names) { entry.completion(.success(name)) }
        }
    }
}
