/// A method and a path, whose segments in braces stand for any text: `/v1/merchants/{id}/leaderboard`.
struct HTTPRoute {
    let method: String
    /// As it was given: fit for a metric's label.
    let pattern: String
    let handler: (HTTPExchange) -> Void
    private let segments: [String]

    init(method: String, pattern: String, handler: @escaping (HTTPExchange) -> Void) {
        self.method = method
        self.pattern = pattern
        self.handler = handler
        segments = pattern.split(separator: "/").map(String.init)
    }

    /// The parameters by name; nil if the path is another.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                if text.isEmpty { return nil }
                parameters[String(segment.dropFirst().dropLast())] = text
            } else if segment != text {
                return nil
            }
        }
        return parameters
    }
}
