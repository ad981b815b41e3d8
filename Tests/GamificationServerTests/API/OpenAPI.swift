import Foundation
import TestSupport

/// docs/openapi.json, and whether an answer is one that it describes.
struct OpenAPI {
    private let document: [String: Any]

    init() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: ServiceHome.packageRoot + "/docs/openapi.json"))
        document = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// The paths that are described.
    var paths: Set<String> { Set((document["paths"] as? [String: Any] ?? [:]).keys) }

    /// Names of the query's parameters of a path.
    func queryParameters(_ path: String) -> Set<String> {
        let operation = operation(path)
        let parameters = (operation["parameters"] as? [[String: Any]] ?? []).map(resolve)
        return Set(parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String })
    }

    /// What is wrong with an answer; nothing if it is as described.
    func mistakes(_ path: String, status: Int, type: String, body: String) -> [String] {
        let responses = operation(path)["responses"] as? [String: Any] ?? [:]
        guard let found = responses["\(status)"] as? [String: Any] else { return ["no status \(status) on \(path)"] }
        let media = resolve(found)["content"] as? [String: Any] ?? [:]
        let plain = type.split(separator: ";").first.map(String.init) ?? ""
        guard let content = media[plain] as? [String: Any] else { return ["no content type \(plain) on \(path)"] }
        guard plain == "application/json" else { return [] }
        guard let value = try? JSONSerialization.jsonObject(with: Data(body.utf8)) else { return ["no JSON: \(body)"] }
        return check(value, content["schema"] as? [String: Any] ?? [:], at: "$")
    }

    private func operation(_ path: String) -> [String: Any] {
        let item = (document["paths"] as? [String: Any])?[path] as? [String: Any]
        return item?["get"] as? [String: Any] ?? [:]
    }

    private func resolve(_ object: [String: Any]) -> [String: Any] {
        guard let reference = object["$ref"] as? String else { return object }
        var place: Any = document
        for part in reference.dropFirst(2).split(separator: "/") {
            place = (place as? [String: Any])?[String(part)] ?? [:]
        }
        return place as? [String: Any] ?? [:]
    }

    private func check(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        let schema = resolve(schema)
        switch schema["type"] as? String {
        case "object":
            guard let object = value as? [String: Any] else { return ["\(place) is no object"] }
            let properties = schema["properties"] as? [String: Any] ?? [:]
            let others = schema["additionalProperties"] as? [String: Any]
            var found = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
                "\(place).\($0) is missing"
            }
            for (name, member) in object {
                if let inner = properties[name] as? [String: Any] ?? others {
                    found += check(member, inner, at: "\(place).\(name)")
                } else {
                    found.append("\(place).\(name) is not described")
                }
            }
            return found
        case "array":
            guard let list = value as? [Any] else { return ["\(place) is no array"] }
            if let most = schema["maxItems"] as? Int, list.count > most { return ["\(place) is too long"] }
            let items = schema["items"] as? [String: Any] ?? [:]
            return list.enumerated().flatMap { check($1, items, at: "\(place)[\($0)]") }
        case "string":
            guard let text = value as? String else { return ["\(place) is no string"] }
            if let choices = schema["enum"] as? [String], !choices.contains(text) { return ["\(place) is \(text)"] }
            if schema["format"] as? String == "uuid", text.utf8.count != 36 { return ["\(place) is no UUID: \(text)"] }
            return []
        case "integer":
            guard let number = value as? Int64 else { return ["\(place) is no integer"] }
            if let least = schema["minimum"] as? Int64, number < least { return ["\(place) is \(number)"] }
            return []
        default: return ["\(place) has no type in the description"]
        }
    }
}
