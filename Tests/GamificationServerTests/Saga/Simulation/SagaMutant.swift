/// A driver, or a dependency, with one fault in it, which the simulation must find.
enum SagaMutant: String, CaseIterable, Sendable {
    /// Offsets are committed when records are taken, before their effects.
    case commitBeforeEffects
    /// Marks are set with the booking, before the awards.
    case markBeforeAwards
    /// An award that could not be made passes for made.
    case failedAwardTakenAsDone
    /// A dead letter that was not acknowledged passes for written.
    case unacknowledgedBurialTakenAsDone
    /// A booking that failed passes for one that changed nothing.
    case failedBookingTakenAsDone
    /// The ledger does not know what it has counted.
    case ledgerWithoutIdentity
    /// Boards that were not set are not noted for repair.
    case repairsForgotten
    /// A board takes a total that is older than what it has.
    case boardWithoutVersions
    /// After a redelivery standings are told only of customers that the batch changed.
    case standingsOfChangedOnly
    /// Records that go to the dead-letter topic are marked as done.
    case deadLettersMarked
    /// An unlink that failed passes for done.
    case failedUnlinkTakenAsDone
}
