import CHiredis

/// What the hiredis that this program was built with can do.
package enum HiredisLibrary {
    /// Its version, for example `0.14`.
    package static var version: String { "\(chiredis_major()).\(chiredis_minor())" }
    /// Whether it parses RESP3: from 1.0 on.
    package static var hasRESP3: Bool { chiredis_has_resp3() != 0 }
}
