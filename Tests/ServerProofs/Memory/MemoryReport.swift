/// What came of a ``MemoryProof``.
package struct MemoryReport: Sendable, CustomStringConvertible {
    let plan: MemoryPlan
    /// Resident MiB, by instance.
    let samples: [[Double]]
    /// The most that each ever had.
    let peaks: [Double]
    let figures: [String]
    let faults: [String]

    /// Means of the first, second and last third.
    private func thirds(_ samples: [Double]) -> [Double] {
        let size = max(1, samples.count / 3)
        return (0..<3).map { third in
            let part = samples.dropFirst(third * size).prefix(size)
            return part.reduce(0, +) / Double(max(1, part.count))
        }
    }

    private func change(_ samples: [Double]) -> Double {
        let thirds = thirds(samples)
        return thirds[1] > 0 ? thirds[2] / thirds[1] - 1 : .infinity
    }

    package var isFlat: Bool {
        faults.isEmpty && samples.allSatisfy { $0.count >= 3 && abs(change($0)) <= plan.margin }
            && peaks.allSatisfy { $0 < plan.limit }
    }

    package var description: String {
        let lines = zip(samples, peaks).enumerated().map { index, instance in
            let means = thirds(instance.0).map { "\(tenths($0))" }.joined(separator: ", ")
            return "instance \(index + 1): mean resident MiB by thirds \(means); last against second "
                + "\(tenths(change(instance.0) * 100)) %; peak \(tenths(instance.1))"
        }
        return
            ([
                "\(isFlat ? "flat" : "NOT FLAT"): \(Int(plan.seconds)) s, within \(tenths(plan.margin * 100)) % and "
                    + "\(Int(plan.limit)) MiB"
            ] + figures + lines + faults).joined(separator: "\n")
    }
}
