extension AvroResolutionPlanner {
    /// Pairs the fields by name, then by the reader's aliases; the reader's other fields take their defaults.
    mutating func record(_ source: AvroRecord, _ target: AvroRecord) -> AvroResolutionPlan.Step? {
        var targets = [Int?](repeating: nil, count: source.fields.count)
        var template: [AvroValue] = []
        var isComplete = true
        for (index, field) in target.fields.enumerated() {
            let match = source.index(ofField: field.name) ?? field.aliases.lazy.compactMap(source.index(ofField:)).first
            if let match, targets[match] == nil {
                targets[match] = index
                template.append(.null)
            } else if let value = field.defaultValue {
                template.append(value)
            } else {
                report(.missingDefault(field: field.name))
                template.append(.null)
                isComplete = false
            }
        }
        var fields: [AvroResolutionPlan.FieldPlan] = []
        for (index, field) in source.fields.enumerated() {
            var goal: (field: Int, step: Int)?
            if let position = targets[index] {
                let readerField = target.fields[position]
                let step = at("." + readerField.name) { $0.resolve(field.type, readerField.type) }
                isComplete = isComplete && canResolve(step)
                goal = (position, step)
            }
            fields.append(.init(name: field.name, writerNode: field.type.index, target: goal))
        }
        return isComplete ? .record(.init(fields: fields, template: template)) : nil
    }

    /// The branch of a reader's union for a writer's type: one of the same type and full name if there is one, else the
    /// first that matches by the rules of the specification.
    static func branch(
        for id: AvroTypeID, of writer: AvroSchema, among branches: [AvroTypeID], of reader: AvroSchema
    ) -> Int? {
        let source = writer[id].type
        return branches.firstIndex { branch in
            let target = reader[branch].type
            return source.name == target.name && source.named?.fullName == target.named?.fullName
        }
            ?? branches.firstIndex { branch in
                let target = reader[branch].type
                if source.name != target.name { return promotion(source, target) != nil }
                guard let sourceName = source.named, let targetName = target.named else { return true }
                return areNamesEqual(sourceName, targetName)
            }
    }

    /// By unqualified name, or by an alias of the reader's.
    static func areNamesEqual(_ source: AvroNamed, _ target: AvroNamed) -> Bool {
        source.name == target.name || target.aliases.contains(source.fullName)
    }

    static func promotion(_ source: AvroType, _ target: AvroType) -> AvroResolutionPlan.Promotion? {
        switch (source, target) {
        case (.int, .long): .intToLong
        case (.int, .float): .intToFloat
        case (.int, .double): .intToDouble
        case (.long, .float): .longToFloat
        case (.long, .double): .longToDouble
        case (.float, .double): .floatToDouble
        case (.string, .bytes): .stringToBytes
        case (.bytes, .string): .bytesToString
        default: nil
        }
    }

    static func name(_ type: AvroType) -> String { type.named?.fullName ?? type.name }
}
