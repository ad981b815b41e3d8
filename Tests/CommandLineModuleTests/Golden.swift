import Glibc
import TestSupport
import Testing

/// Rendered texts kept in files; `UPDATE_FIXTURES=1` writes them anew.
enum Golden {
    static func path(_ name: String) -> String {
        (#filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast() + ["Fixtures", name[...]])
            .joined(separator: "/")
    }

    static func expect(_ text: String, is name: String, _ location: SourceLocation = #_sourceLocation) throws {
        if getenv("UPDATE_FIXTURES") != nil { try writeText(text, to: path(name)) }
        let expected = try readText(path(name))
        let isSame = text == expected
        #expect(
            isSame, "\(name) differs from what is rendered; UPDATE_FIXTURES=1 rewrites it", sourceLocation: location)
    }
}
