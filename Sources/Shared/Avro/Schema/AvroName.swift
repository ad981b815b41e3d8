/// The rules of Avro's names.
enum AvroName {
    static let primitives: Set<String> = [
        "null", "boolean", "int", "long", "float", "double", "bytes", "string",
    ]

    static let complex: Set<String> = ["record", "error", "enum", "fixed", "array", "map", "union"]

    /// A letter or underscore, then letters, digits and underscores, all ASCII.
    static func isSimple(_ name: some StringProtocol) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if isFirst { return false }
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }

    /// Simple names joined by dots.
    static func isDotted(_ name: some StringProtocol) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isSimple($0) }
    }

    /// The full name of a name met where `namespace` (empty: none) is in force.
    static func full(_ name: String, in namespace: String) -> String {
        namespace.isEmpty || name.utf8.contains(UInt8(ascii: ".")) ? name : namespace + "." + name
    }
}
