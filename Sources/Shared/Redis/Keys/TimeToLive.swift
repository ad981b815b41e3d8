/// How long keys live, in seconds.
package enum TimeToLive {
    package static let badge = 3_600
    package static let processed = 86_400
    package static let translation = 86_400
    package static let eligibility = 86_400
    package static let revokedToken = 3_600
    /// The token of whoever is filling a key.
    package static let fill = 5
}
