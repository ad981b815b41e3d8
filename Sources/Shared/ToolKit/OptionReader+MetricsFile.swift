package import CommandLine
import Observability

extension OptionReader {
    /// `--metrics-file`. The file is written at the end, when it is too late to name another: so it is looked now whether
    /// it could be.
    package mutating func metricsFile() -> String? {
        guard let path = optionalPath(.metricsFile) else { return nil }
        do throws(MetricsFileError) {
            try MetricsFile.check(path)
        } catch {
            report(.metricsFile, "\(error)")
        }
        return path
    }
}
