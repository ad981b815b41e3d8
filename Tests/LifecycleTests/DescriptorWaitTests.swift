import Glibc
import Lifecycle
import Testing

@Suite struct DescriptorWaitTests {
    private func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("Only what is asked for and ready is answered; a deadline that is past answers nothing")
    func answersWhatIsReady() throws {
        let (left, right) = try pair()
        defer {
            close(left)
            close(right)
        }
        let soon = MonotonicInstant.now()
        #expect(DescriptorWait.wait(left, for: .read, until: soon) == [])
        #expect(DescriptorWait.wait(left, for: [.read, .write], until: soon) == .write)
        #expect(write(right, "x", 1) == 1)
        #expect(DescriptorWait.wait(left, for: .read, until: soon.advanced(bySeconds: 10)) == .read)
        #expect(DescriptorWait.wait(left, for: [.read, .write], until: soon) == [.read, .write])
    }

    @Test("A hang-up counts as ready, so that the reader finds the end")
    func answersHangUp() throws {
        let (left, right) = try pair()
        defer { close(left) }
        close(right)
        let end = MonotonicInstant.now().advanced(bySeconds: 10)
        #expect(DescriptorWait.wait(left, for: .read, until: end) == .read)
    }
}
