/// The one way to an award: cache, row, Kafka, cache, answer (contracts, section 7), for gRPC and for the saga.
protocol AwardPath: AnyObject {
    /// Makes awards. `completion` has their results in the requests' order; it is called once, on the loop's thread, after
    /// this has returned and within about three seconds.
    func award(_ requests: [AwardRequest], completion: @escaping ([AwardResult]) -> Void)
}
