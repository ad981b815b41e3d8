/// How long keys live, in seconds.
package enum TimeToLive {
    /// A badge that was awarded.
    package static let badge = 3_600
    /// The mark of an event that was counted.
    package static let processed = 86_400
    /// A badge's name in one language.
    package static let translation = 86_400
    /// Whether a customer may have a badge.
    package static let eligibility = 86_400
    /// The mark of a token that is no longer valid.
    package static let revokedToken = 3_600
    /// The token of whoever is filling a key.
    package static let fill = 5
}
