/// How to turn data of a writer's schema into values of a reader's: steps that refer to each other by index.
struct AvroResolutionPlan: Sendable {
    enum Step: Sendable {
        /// The writer's node as it is.
        case same(Int)
        case promote(Promotion)
        /// By the writer's index: the reader's symbol, nil if it has none.
        case enumeration([String?])
        case array(Int, writerItem: Int)
        case map(Int, writerItem: Int)
        case record(RecordPlan)
        /// By the writer's branch.
        case writerUnion([Int])
        case readerBranch(Int, Int)
        /// Met only by data that the reader cannot take.
        case impossible
    }

    enum Promotion: Sendable {
        case intToLong, intToFloat, intToDouble, longToFloat, longToDouble, floatToDouble, stringToBytes, bytesToString
    }

    final class RecordPlan: Sendable {
        /// The writer's fields in order.
        let fields: [FieldPlan]
        /// The reader's fields, with the defaults of those that the writer lacks.
        let template: [AvroValue]

        init(fields: [FieldPlan], template: [AvroValue]) {
            self.fields = fields
            self.template = template
        }
    }

    struct FieldPlan: Sendable {
        let name: String
        let writerNode: Int
        /// The reader's field and the step to it; nil if the reader has no use for it.
        let target: (field: Int, step: Int)?
    }

    var steps: [Step] = []
    var root = 0
}
