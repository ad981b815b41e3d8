/// One step from a value into a value that it holds.
enum AvroPathComponent {
    case field(String)
    /// An array's item or a map's entry, by number: a map's keys are data and stay out of messages.
    case item(Int)
}

extension [AvroPathComponent] {
    /// The path as text. The components stand innermost first, as an error collects them on its way out.
    var avroPath: String {
        reversed().reduce(into: "") { text, component in
            switch component {
            case .field(let name): text += text.isEmpty ? name : "." + name
            case .item(let index): text += "[\(index)]"
            }
        }
    }
}
