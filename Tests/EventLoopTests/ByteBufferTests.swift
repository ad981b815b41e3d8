import EventLoop
import Testing

@Suite struct ByteBufferTests {
    @Test func behavesLikeAnArray() {
        var random = SystemRandomNumberGenerator()
        var buffer = ByteBuffer()
        var model: [UInt8] = []
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let piece = (0..<Int.random(in: 0..<200, using: &random)).map { _ in UInt8.random(in: 0...255) }
                piece.withUnsafeBytes { buffer.append($0) }
                model += piece
            case 5..<8:
                let count = Int.random(in: 0..<300, using: &random)
                buffer.removeFirst(count)
                model.removeFirst(min(count, model.count))
            case 8:
                let count = Int.random(in: 0..<50, using: &random)
                buffer.removeLast(count)
                model.removeLast(min(count, model.count))
            default:
                buffer.removeAll(keeping: 100)
                model = []
            }
            if Array(buffer.bytes) != model {
                Issue.record("differs")
                return
            }
        }
        #expect(buffer.count == model.count)
    }

    @Test func comparesBytes() {
        "content-type".utf8.withContiguousStorageIfAvailable { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            #expect(raw.equals("content-type"))
            #expect(!raw.equals("content-typo"))
            #expect(!raw.equals("content"))
            #expect(raw.equals(Array("content-type".utf8)))
        }
        #expect(UnsafeRawBufferPointer(start: nil, count: 0).equals(""))
    }
}
