/// Mistakes that the simulation must find: a simulation that finds none of them proves nothing.
enum AwardMutant: String, CaseIterable {
    /// The answer is given while the row is being written.
    case answersBeforeRow
    /// The award goes into the cache while the row is being written.
    case cachesBeforeRow
    /// The row is marked as published when waiting for Kafka is over.
    case marksWithoutAcknowledgement
    /// A row that was there is taken for one's own.
    case takesLossForWin
    /// Who finds a row publishes it too.
    case loserPublishes
    /// The sweeper gives the events new ids.
    case sweeperMakesNewIDs
    /// The row is written over the one that is there.
    case overwritesRow
    /// An unknown customer is awarded nevertheless.
    case ignoresUnknownCustomer
    /// The sweeper marks rows before Kafka has them.
    case sweeperMarksFirst
    /// Nothing sweeps.
    case noSweeper
}
