import Configuration
import Glibc

/// What an earlier run has left in a metrics file, so that a run that fails does not take it away.
package enum EarlierMetrics {
    /// Larger files are not ours.
    private static let limit = 1_048_576

    /// The value of a series, `name` or `name{label="VALUE"}`, in the file at `path`; nil where there is no such regular
    /// file, or it does not hold that line with a number from 0 to `maximum`. Whatever else it holds does not matter.
    /// Blocks.
    package static func value(of series: String, in path: String, maximum: Double) -> Double? {
        var status = stat()
        // Not a pipe or a device: to read from it might take for ever.
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let bytes = try? BoundedFile.read(path, limit: limit).bytes
        else { return nil }
        let start = Array("\(series) ".utf8)
        guard
            let line = bytes.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: start) }),
            let value = Double(String(decoding: line.dropFirst(start.count), as: UTF8.self)),
            (0...maximum).contains(value)
        else { return nil }
        return value
    }
}
