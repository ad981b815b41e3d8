/// What an operator wants of a run that is under way: the record `NAME/control`. Each says everything, so that the last
/// one counts alone, whoever wrote it.
package struct RunControl: Sendable, Equatable {
    /// `N` or `max`; nil leaves the rate that the run was started with.
    package var rate: String?
    /// Whether all copies are to wait, those that start later too.
    package var isPaused = false
    /// Asks the copies that run to end; those started later do not heed it.
    package var stops = false
    /// When it was written, milliseconds since 1970, and by whom.
    package var at: Int64
    /// Who@host.
    package var by: String

    /// A control that asks for nothing yet; `at` in milliseconds since 1970.
    package init(at: Int64, by: String) {
        self.at = at
        self.by = by
    }
}
