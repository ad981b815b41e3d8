/// What a record holds in one of the fields that an `AvroProjection` was asked for. Positions count from the start of
/// the datum.
package enum AvroProjectedField: Sendable, Equatable {
    /// The schema has no such field, or the record's branch of a union at the root has none.
    case absent
    /// A null.
    case null
    /// A string, valid UTF-8.
    case text(start: Int, count: Int)
    /// A byte sequence or fixed.
    case bytes(start: Int, count: Int)
    /// An int or long without one of the timestamp types, time of day and date included.
    case integer(Int64)
    /// A timestamp-millis or timestamp-micros, in milliseconds since 1970-01-01T00:00:00Z, rounded down.
    case timestamp(milliseconds: Int64)
    /// A value of any other type: it was checked and not kept.
    case other
}

/// The fields of one record, in the order in which the projection was asked for them. Made by
/// `AvroProjection.makeFields()` and used again for record after record.
package struct AvroProjectedFields: Sendable {
    var values: [AvroProjectedField]

    /// The field at this position of the list of names.
    package subscript(_ index: Int) -> AvroProjectedField { values[index] }
}
