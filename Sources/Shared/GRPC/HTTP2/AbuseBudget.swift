/// How much a peer may send that leads to nothing: frames and bytes, earned back by calls and by time.
///
/// Floods of settings, pings, priorities, window updates, empty or tiny data, unknown frames, endless headers, and streams that
/// are opened only to be reset all look the same here: cost without calls. The remedy is ENHANCE_YOUR_CALM.
struct AbuseBudget {
    /// What one finished call earns.
    private static let framesPerCall = 16
    private static let bytesPerCall = 16 << 10
    /// What one second earns.
    private static let framesPerSecond = 100
    private static let bytesPerSecond = 64 << 10

    private let frameLimit: Int
    private let byteLimit: Int
    private(set) var frames: Int
    private(set) var bytes: Int

    /// A full budget for a peer that may have that many streams open.
    init(maxStreams: Int) {
        frameLimit = 1_000 + 4 * maxStreams
        byteLimit = (256 << 10) + 1_024 * maxStreams
        frames = frameLimit
        bytes = byteLimit
    }

    /// Whether it is used up.
    var isExhausted: Bool { frames < 0 || bytes < 0 }

    /// Bytes came, of frames of any kind; what they are is seen later.
    mutating func charge(bytes count: Int) { bytes -= count }

    /// A frame came, of a kind that is known.
    mutating func chargeFrame() { frames -= 1 }

    /// `count` bytes of a frame turned out to be part of a message.
    mutating func refund(data count: Int) {
        bytes += count
        // Data in crumbs costs as much as frames without data.
        if count >= 64 { frames += 1 }
    }

    /// A call was answered, or had been open long enough that resetting it is no trick.
    mutating func callFinished() {
        frames = min(frameLimit, frames + Self.framesPerCall)
        bytes = min(byteLimit, bytes + Self.bytesPerCall)
    }

    /// We sent a frame of data, which the peer may answer with two window updates.
    mutating func dataSent() { frames = min(frameLimit, frames + 2) }

    /// Time went by.
    mutating func earn(nanoseconds: Int64) {
        let milliseconds = Int(max(0, min(nanoseconds / 1_000_000, 3_600_000)))
        frames = min(frameLimit, frames + Self.framesPerSecond * milliseconds / 1_000)
        bytes = min(byteLimit, bytes + Self.bytesPerSecond * milliseconds / 1_000)
    }
}
