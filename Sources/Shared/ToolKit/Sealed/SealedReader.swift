import Crypto
import Glibc

/// Reads a file that `SealedWriter` wrote. The file stays open, so that what is read later is the file that was checked.
/// Any thread.
package final class SealedReader: Sendable {
    private let path: String
    private let descriptor: CInt
    /// The longest line that is read.
    package static let maximumLine = 1 << 20
    private static let capacity = 256 * 1_024

    /// - Throws: `SealedFileError` where it cannot be opened.
    package init(path: String) throws(SealedFileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SealedWriter.failure("read", path) }
    }

    deinit { close(descriptor) }

    /// Reads all lines but the seal, then checks that.
    ///
    /// - Parameter visit: a line without its break, its number from 1, and the place in the file where it begins. What
    ///   it learns may be used only when this has returned.
    /// - Returns: the digest of all lines, hexadecimal.
    /// - Throws: `SealedFileError`, `CryptoError`, and what `visit` throws.
    @discardableResult
    package func check(_ visit: (UnsafeRawBufferPointer, Int, Int64) throws -> Void) throws -> String {
        var hasher = try SHA256Hasher()
        var buffer = [UInt8](repeating: 0, count: Self.capacity)
        var held = 0
        var place: Int64 = 0
        var number = 0
        var pending: (bytes: [UInt8], place: Int64)?
        while true {
            let count = try read(&buffer, from: held, at: place + Int64(held))
            held += count
            let isEnd = count == 0
            var begin = 0
            try buffer.withUnsafeBytes { bytes in
                while let length = bytes[begin..<held].firstIndex(of: 0x0A).map({ $0 - begin }) {
                    let line = UnsafeRawBufferPointer(rebasing: bytes[begin..<begin + length])
                    // The last line is the seal: each is dealt with when the next one is there.
                    if let before = pending {
                        number += 1
                        try before.bytes.withUnsafeBytes { text in
                            hasher.update(text)
                            try visit(UnsafeRawBufferPointer(rebasing: text.dropLast()), number, before.place)
                        }
                    }
                    pending = (Array(line) + [0x0A], place + Int64(begin))
                    begin += length + 1
                }
            }
            if isEnd {
                guard begin == held, let seal = pending else { throw SealedFileError.truncated(path: path) }
                return try check(seal: seal.bytes, number, hasher.finish())
            }
            if begin == 0, held == buffer.count {
                guard held < Self.maximumLine else {
                    throw SealedFileError.malformed(path: path, line: number + 2, "is longer than 1 MiB")
                }
                buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count))
            } else {
                buffer.withUnsafeMutableBytes { bytes in
                    guard let base = bytes.baseAddress, begin > 0 else { return }
                    memmove(base, base + begin, held - begin)
                }
                held -= begin
                place += Int64(begin)
            }
        }
    }

    private func check(seal: [UInt8], _ lines: Int, _ digest: SHA256Digest) throws(SealedFileError) -> String {
        let text = String(decoding: seal.dropLast(), as: UTF8.self)
        guard text.hasPrefix("{\"lines\":"), text.hasSuffix("\"}"), text.contains("\"sha256\":\"") else {
            throw .truncated(path: path)
        }
        guard text == "{\"lines\":\(lines),\"sha256\":\"\(digest)\"}" else { throw .altered(path: path) }
        return "\(digest)"
    }

    /// Reads `length` bytes at `place`; fewer only at the end of the file.
    package func bytes(at place: Int64, length: Int) throws(SealedFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        var held = 0
        while held < length {
            let count = try read(&bytes, from: held, at: place + Int64(held))
            if count == 0 { break }
            held += count
        }
        return Array(bytes.prefix(held))
    }

    private func read(_ buffer: inout [UInt8], from held: Int, at place: Int64) throws(SealedFileError) -> Int {
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress?.advanced(by: held), bytes.count - held, off_t(place))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SealedWriter.failure("read", path) }
            return count
        }
    }
}
