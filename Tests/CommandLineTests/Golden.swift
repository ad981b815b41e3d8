import Glibc
import TestSupport
import Testing

/// Rendered texts kept in files; `UPDATE_FIXTURES=1` writes them anew.
enum Golden {
    /// A path in this test target's folder of fixtures.
    static func fixture(_ name: String) -> String {
        ServiceHome.packageRoot + "/Tests/CommandLineTests/Fixtures/" + name
    }

    static func expect(_ text: String, in path: String, _ location: SourceLocation = #_sourceLocation) throws {
        if getenv("UPDATE_FIXTURES") != nil { try writeText(text, to: path) }
        let isSame = text == (try readText(path))
        #expect(
            isSame, "\(path) differs from what is rendered; UPDATE_FIXTURES=1 rewrites it", sourceLocation: location)
    }
}
