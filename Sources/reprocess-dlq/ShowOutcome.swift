import CommandLine
import Events
import Redrive
import ToolKit

/// What `show` found.
struct ShowOutcome: Sendable {
    let options: ShowOptions
    let now: TimePoint
    var clusterID: String?
    var record: ShowRecord?
    var body = ShowBody.none
    /// Whether a drain has dealt with it; nil where that is not known.
    var isDone: Bool?
    /// Whether a transaction holds it back from readers.
    var isUnstable = false
    var refusal: Refusal?

    var exitCode: ExitCode { refusal?.code ?? .done }

    /// What a drain would do with the record, in a word.
    var action: String? {
        guard let record else { return nil }
        switch record.verdict {
        case .redrive: return "redrive"
        case .park: return "park"
        case .requeue, .skip, .reject, .drop: return "leave"
        }
    }

    /// Where it would go.
    var destination: String? {
        guard let record else { return nil }
        switch record.verdict {
        case .redrive:
            if case .topic(let name) = options.queue.destination { return name }
            return record.letter.origin?.topic
        case .park: return options.queue.parkedTopic
        case .requeue, .skip, .reject, .drop: return nil
        }
    }

    /// The code of the reason, as the parked record would carry it.
    var reason: String? {
        guard case .park(let reason)? = record?.verdict else { return nil }
        return reason
    }

    /// Why, in a sentence.
    var explanation: String? {
        guard let record else { return nil }
        guard let reason else {
            return record.finding == .unreadable ? "its headers cannot be read, and would be lost" : nil
        }
        switch reason {
        case ParkReason.originMissing: return "no dialect's headers name topic, partition and offset of its origin"
        case ParkReason.retriesUsedUp:
            return
                "it was redriven \(record.letter.retryCount) times, and --max-retries is \(options.queue.maximumRetries)"
        case ParkReason.originNotAllowed: return "its origin is not one of the topics allowed, or does not exist"
        case ParkReason.bodyMissing: return "it has no body"
        case DeadLetter.invalidHeader: return "gamification.retry.count cannot be read"
        default: return bodyTrouble ?? "the program that failed said so"
        }
    }

    private var bodyTrouble: String? {
        switch record?.bodyVerdict {
        case .malformed(let fault): fault.description
        case .unknownSchema(let id): "the registry knows no schema with id \(id)"
        case .invalid(let fault, _): fault.rawValue
        case .event, .noBody, .needsSchema, nil: nil
        }
    }
}
