package import Kafka

/// Decides what becomes of records in place of the rules: a plan that was made before. Used by one lane.
package protocol PlannedFates: AnyObject {
    /// What was planned for the record at `index`; `.skip` for one that the plan does not name, or that is another one
    /// than it was.
    func verdict(_ batch: RecordBatch, _ index: Int) throws -> Verdict

    /// The record last asked for cannot be published as planned: its body is no longer to be had at its origin.
    func bodyIsGone(partition: Int32, offset: Int64)
}
