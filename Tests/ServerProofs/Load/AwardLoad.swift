import EventLoop
import GRPC
import GamificationProtocol
import Lifecycle
import RedriveSimulation

/// Calls AwardBadge at a steady pace on instances in turn: some awards at two of them at once, some again later, and what
/// ended without an answer at the next one, until it is answered. On the thread of its loop alone.
final class AwardLoad {
    private static let method = GRPCMethod("/gamification.v1/AwardBadge")
    private static let tick: Int64 = 20_000_000

    let loop: EventLoop
    private let channels: [GRPCChannel]
    private let mix: AwardMix
    /// Awards that are begun in a second.
    var perSecond: Double
    private var random: SplitMix64
    private var timer: LoopTimer?
    private var retries: [LoopTimer] = []
    private var due = 0.0
    private var begun = 0
    private var isStopped = false
    /// Calls under way or waiting to be repeated.
    private(set) var open = 0
    private(set) var ledger = AwardLedger()
    /// Answers that a badge does not exist.
    private(set) var unknownBadges = 0
    /// When a call of the load was answered last, and the longest time without any since ``restartGap()``.
    private var lastAnswer: MonotonicInstant
    private var gap = 0.0

    init(_ loop: EventLoop, ports: [UInt16], mix: AwardMix, perSecond: Double, seed: UInt64) throws {
        self.loop = loop
        var configuration = GRPCChannelConfiguration()
        // What is measured is the servers' time, not the client's patience.
        configuration.maxBackoffSeconds = 0.2
        configuration.connections = 1
        channels = try ports.map {
            try GRPCChannel(loop, host: "127.0.0.1", port: $0, configuration: configuration)
        }
        self.mix = mix
        self.perSecond = perSecond
        random = SplitMix64(seed: seed)
        lastAnswer = loop.now
        timer = try LoopTimer(loop) { [unowned self] in turn() }
        timer?.start(afterNanoseconds: 0)
    }

    /// Begins no more awards; those that were begun go on.
    func stop() {
        isStopped = true
        timer?.cancel()
    }

    /// Forgets the longest time without an answer.
    func restartGap() { (gap, lastAnswer) = (0, loop.now) }

    /// The longest time without an answer, up to now, in seconds.
    var longestGap: Double { max(gap, loop.now.seconds(since: lastAnswer)) }

    /// Awards a badge that nobody was awarded, at this instance alone, as often as it takes.
    func probe(_ channel: Int, _ done: @escaping () -> Void) {
        begun += 1
        call(mix.award(number: begun, random: &random), channel, isPinned: true, done)
    }

    private func turn() {
        timer?.start(afterNanoseconds: Self.tick)
        due += perSecond * Double(Self.tick) / 1e9
        while due >= 1 {
            due -= 1
            // Behind servers that answer nothing no more calls pile up than an impatient client would have.
            guard open < 500 else { continue }
            begun += 1
            let award = mix.award(number: begun, random: &random)
            let first = random.oneIn(2) ? 1 : 0
            call(award, first)
            if random.oneIn(4) { call(award, first + 1) }
        }
    }

    private func call(
        _ award: AwardMix.Award, _ channel: Int, isPinned: Bool = false, _ done: @escaping () -> Void = {}
    ) {
        open += 1
        let request = AwardBadgeRequest(
            merchantID: award.name.merchant, customerID: award.name.customer, badge: award.name.badge, locale: "en")
        request.encode { count, write in
            _ = channels[channel % channels.count].call(
                Self.method, deadline: loop.now.advanced(bySeconds: 3), byteCount: count, write
            ) { [self] answer in
                ended(award, channel, isPinned, answer, done)
            }
        }
    }

    private func ended(
        _ award: AwardMix.Award, _ channel: Int, _ isPinned: Bool, _ answer: GRPCAnswer, _ done: @escaping () -> Void
    ) {
        open -= 1
        switch answer.status.code {
        case .ok where !award.isUnknown:
            guard let response = try? AwardBadgeResponse(decoding: answer.message), let time = response.awardedAt else {
                return ledger.noteRefusal(award.name, "an answer that cannot be read")
            }
            noteAnswer()
            ledger.note(
                award.name, isNew: response.status == .awarded, eventID: response.eventID,
                milliseconds: time.seconds * 1_000 + Int64(time.nanos) / 1_000_000)
            done()
            if random.oneIn(10) { later(award, channel + 1, seconds: 2) }
        case .notFound where award.isUnknown:
            noteAnswer()
            unknownBadges += 1
            done()
        case .unavailable, .deadlineExceeded, .cancelled:
            ledger.noteDoubt(award.name, answer.status.code.description)
            later(award, isPinned ? channel : channel + 1, seconds: 0.05, isPinned: isPinned, done)
        default: ledger.noteRefusal(award.name, "\(answer.status)")
        }
    }

    private func noteAnswer() {
        gap = longestGap
        lastAnswer = loop.now
    }

    private func later(
        _ award: AwardMix.Award, _ channel: Int, seconds: Double, isPinned: Bool = false,
        _ done: @escaping () -> Void = {}
    ) {
        open += 1
        var timer: LoopTimer?
        timer = try? LoopTimer(loop) { [self] in
            open -= 1
            timer = nil
            call(award, channel, isPinned: isPinned, done)
        }
        timer?.start(afterNanoseconds: Int64(seconds * 1e9))
    }
}
