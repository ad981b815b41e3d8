import EventLoop
import Lifecycle
import Observability
import Postgres

/// One award under way: its machine, and what the driver needs to carry out its steps.
final class AwardCall {
    let request: AwardRequest
    let key: AwardKey
    /// The ids in canonical form.
    let merchant: String
    let customer: String
    /// The ids of its events and its trace, which only an award that is made needs.
    private(set) lazy var eventID = EventIDs.awarded(merchant: merchant, customer: customer, badge: key.badge)
    private(set) lazy var taskID = EventIDs.task(merchant: merchant, customer: customer, badge: key.badge)
    private(set) lazy var traceID = (request.trace ?? .root()).traceID
    var machine: AwardMachine
    /// Taken when it is answered.
    var completion: ((AwardResult) -> Void)?
    /// The one deadline that is set: for the badge, the row, or Kafka.
    var deadline: TimerWheel.Entry?
    /// What the deadline was set with.
    var token: UInt64 = 0

    init(_ request: AwardRequest, _ completion: @escaping (AwardResult) -> Void) {
        self.request = request
        self.completion = completion
        key = AwardKey(merchant: request.merchant, customer: request.customer, badge: request.badge)
        merchant = request.merchant.description
        customer = request.customer.description
        machine = AwardMachine(locale: request.locale)
    }
}
