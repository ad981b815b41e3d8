/// Compares a writer's and a reader's schema, type by type, and plans the reading. Recursive types meet themselves as
/// pairs that have a step already.
struct AvroResolutionPlanner {
    static let maximumReasons = 100
    static let maximumDepth = 256

    let writer: AvroSchema
    let reader: AvroSchema
    private(set) var reasons: [AvroIncompatibility] = []
    /// Whether some data can never be read, whatever its branches and symbols.
    private(set) var isImpossible = false

    private var steps: [AvroResolutionPlan.Step] = []
    private var known: [Pair: Int] = [:]
    private var impossible: Set<Int> = []
    private var path: [String] = []
    /// Above zero while a branch of a writer's union is compared.
    private var conditions = 0

    struct Pair: Hashable {
        let writer: AvroTypeID
        let reader: AvroTypeID
    }

    init(writer: AvroSchema, reader: AvroSchema) {
        self.writer = writer
        self.reader = reader
    }

    mutating func plan() -> AvroResolutionPlan {
        let type = reader[reader.root].type
        path = [type.named.map { String($0.name) } ?? type.name]
        let root = resolve(writer.root, reader.root)
        return AvroResolutionPlan(steps: steps, root: root)
    }

    /// The step for one pair of types.
    mutating func resolve(_ writerID: AvroTypeID, _ readerID: AvroTypeID) -> Int {
        let pair = Pair(writer: writerID, reader: readerID)
        if let step = known[pair] {
            if impossible.contains(step), conditions == 0 { isImpossible = true }
            return step
        }
        let index = steps.count
        steps.append(.impossible)
        known[pair] = index
        guard path.count < Self.maximumDepth else {
            report(.tooDeep)
            impossible.insert(index)
            return index
        }
        if let step = step(writerID, readerID) {
            steps[index] = step
        } else {
            impossible.insert(index)
        }
        return index
    }

    mutating func report(_ reason: AvroIncompatibility.Reason, conditional: Bool = false) {
        let isConditional = conditional || conditions > 0
        if !isConditional { isImpossible = true }
        guard reasons.count < Self.maximumReasons else { return }
        reasons.append(AvroIncompatibility(path: path.joined(), reason: reason, isConditional: isConditional))
    }

    mutating func at<Result>(_ component: String, _ body: (inout AvroResolutionPlanner) -> Result) -> Result {
        path.append(component)
        defer { path.removeLast() }
        return body(&self)
    }

    func canResolve(_ step: Int) -> Bool { !impossible.contains(step) }

    /// The step, or nil after reporting why there is none.
    private mutating func step(_ writerID: AvroTypeID, _ readerID: AvroTypeID) -> AvroResolutionPlan.Step? {
        let from = writer[writerID]
        let to = reader[readerID]
        if case .union(let branches) = from.type { return writerUnion(branches, readerID) }
        if case .union(let branches) = to.type {
            guard let branch = Self.branch(for: writerID, of: writer, among: branches, of: reader) else {
                report(.missingBranch(writer: Self.name(from.type)))
                return nil
            }
            let step = resolve(writerID, branches[branch])
            return canResolve(step) ? .readerBranch(branch, step) : nil
        }
        switch (from.type, to.type) {
        case (.array(let source), .array(let target)):
            let step = at("[]") { $0.resolve(source, target) }
            return canResolve(step) ? .array(step, writerItem: source.index) : nil
        case (.map(let source), .map(let target)):
            let step = at("{}") { $0.resolve(source, target) }
            return canResolve(step) ? .map(step, writerItem: source.index) : nil
        case (.fixed(let source), .fixed(let target)):
            guard namesFit(source.named, target.named) else { return nil }
            guard source.size == target.size else {
                report(.fixedSize(writer: source.size, reader: target.size))
                return nil
            }
            return decimalsFit(from, to) ? .same(writerID.index) : nil
        case (.enumeration(let source), .enumeration(let target)):
            return namesFit(source.named, target.named) ? enumeration(source, target) : nil
        case (.record(let source), .record(let target)):
            return namesFit(source.named, target.named) ? record(source, target) : nil
        default:
            guard decimalsFit(from, to) else { return nil }
            if from.type.name == to.type.name { return .same(writerID.index) }
            guard let promotion = Self.promotion(from.type, to.type) else {
                report(.type(writer: Self.name(from.type), reader: Self.name(to.type)))
                return nil
            }
            return .promote(promotion)
        }
    }

    /// Each branch by itself. One that the reader cannot take spoils only the data that has it; if it can take none, it
    /// can take no data at all.
    private mutating func writerUnion(_ branches: [AvroTypeID], _ readerID: AvroTypeID) -> AvroResolutionPlan.Step? {
        conditions += 1
        let steps = branches.map { resolve($0, readerID) }
        conditions -= 1
        if !branches.isEmpty, !steps.contains(where: canResolve) {
            report(.type(writer: "union", reader: Self.name(reader[readerID].type)))
            return nil
        }
        return .writerUnion(steps)
    }

    private mutating func namesFit(_ source: AvroNamed, _ target: AvroNamed) -> Bool {
        if Self.areNamesEqual(source, target) { return true }
        report(.name(writer: source.fullName, reader: target.fullName))
        return false
    }

    private mutating func decimalsFit(_ source: AvroNode, _ target: AvroNode) -> Bool {
        guard case .decimal(let writtenPrecision, let writtenScale) = source.logicalType,
            case .decimal(let readPrecision, let readScale) = target.logicalType,
            writtenPrecision != readPrecision || writtenScale != readScale
        else { return true }
        report(
            .decimal(
                writer: "precision \(writtenPrecision) and scale \(writtenScale)",
                reader: "precision \(readPrecision) and scale \(readScale)"))
        return false
    }

    private mutating func enumeration(
        _ source: AvroEnumeration, _ target: AvroEnumeration
    ) -> AvroResolutionPlan.Step {
        let symbols = source.symbols.map { target.indexOfSymbol[$0] == nil ? target.defaultSymbol : $0 }
        let missing = zip(source.symbols, symbols).filter { $0.1 == nil }.map(\.0)
        if !missing.isEmpty { report(.missingSymbols(missing), conditional: true) }
        return .enumeration(symbols)
    }
}
