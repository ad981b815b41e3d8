import Lifecycle

/// What a client knows about who serves what, and when it may ask again.
struct Topology {
    /// Nil until a server has said so.
    var isCluster: Bool?
    /// The one server, where it is no cluster.
    var single: RedisAddress?
    var map = SlotMap()
    /// A map is to be asked for.
    var isWanted = true
    /// The node that was asked and has not answered.
    var askedNode: RedisAddress?
    /// Not before this instant.
    var nextQuestion = MonotonicInstant(nanoseconds: .min)
    /// The next seed or node to connect to, where none is up.
    var nextCandidate = 0
    /// Why a map could not be had.
    var lastError: RedisError?

    /// Between two questions, in nanoseconds: a storm of redirections asks once.
    static let pause: Int64 = 200_000_000

    var isAsked: Bool { askedNode != nil }
}
