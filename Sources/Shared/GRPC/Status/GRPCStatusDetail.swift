/// One detail of a status: those of `google/rpc/error_details.proto` that are used here, or any other by its type's name.
package enum GRPCStatusDetail: Equatable, Sendable {
    /// What is wrong with one field of a request.
    package struct FieldViolation: Equatable, Sendable {
        /// Path of the field, such as `merchant_id`.
        package var field: String
        /// Why its value is bad, for a person.
        package var description: String

        /// A violation of these parts.
        package init(field: String, description: String) {
            self.field = field
            self.description = description
        }
    }

    /// `google.rpc.BadRequest`
    case badRequest([FieldViolation])
    /// `google.rpc.RetryInfo`; nanoseconds, not negative.
    case retryInfo(delayNanoseconds: Int64)
    /// Any other message: its type URL (`type.googleapis.com/…`) and its encoding.
    case other(typeURL: String, value: [UInt8])

    private static let badRequestType = "type.googleapis.com/google.rpc.BadRequest"
    private static let retryInfoType = "type.googleapis.com/google.rpc.RetryInfo"

    /// As a `google.protobuf.Any`.
    func encode(into writer: inout WireWriter) {
        switch self {
        case .badRequest(let violations):
            writer.text(1, Self.badRequestType)
            writer.message(2) { any in
                for violation in violations {
                    any.message(1) {
                        $0.text(1, violation.field)
                        $0.text(2, violation.description)
                    }
                }
            }
        case .retryInfo(let delay):
            writer.text(1, Self.retryInfoType)
            writer.message(2) { any in
                any.message(1) {
                    $0.number(1, max(0, delay) / 1_000_000_000)
                    $0.number(2, max(0, delay) % 1_000_000_000)
                }
            }
        case .other(let type, let value):
            writer.text(1, type)
            writer.bytes(2, value)
        }
    }

    /// Reads a `google.protobuf.Any`; nil if it is malformed.
    init?(any bytes: ArraySlice<UInt8>) {
        var type = ""
        var value: ArraySlice<UInt8> = []
        var reader = WireReader(bytes)
        while let field = reader.next() {
            switch field {
            case (1, .bytes(let text)): type = String(decoding: text, as: UTF8.self)
            case (2, .bytes(let bytes)): value = bytes
            default: break
            }
        }
        guard reader.isComplete else { return nil }
        switch type {
        case Self.badRequestType:
            guard let violations = Self.violations(value) else { return nil }
            self = .badRequest(violations)
        case Self.retryInfoType:
            guard let delay = Self.delay(value) else { return nil }
            self = .retryInfo(delayNanoseconds: delay)
        default: self = .other(typeURL: type, value: Array(value))
        }
    }

    private static func violations(_ bytes: ArraySlice<UInt8>) -> [FieldViolation]? {
        var found: [FieldViolation] = []
        var reader = WireReader(bytes)
        while let field = reader.next() {
            guard case (1, .bytes(let part)) = field else { continue }
            var violation = FieldViolation(field: "", description: "")
            var parts = WireReader(part)
            while let field = parts.next() {
                switch field {
                case (1, .bytes(let text)): violation.field = String(decoding: text, as: UTF8.self)
                case (2, .bytes(let text)): violation.description = String(decoding: text, as: UTF8.self)
                default: break
                }
            }
            guard parts.isComplete else { return nil }
            found.append(violation)
        }
        return reader.isComplete ? found : nil
    }

    private static func delay(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var delay: Int64 = 0
        var reader = WireReader(bytes)
        while let field = reader.next() {
            guard case (1, .bytes(let duration)) = field else { continue }
            var seconds: Int64 = 0
            var nanos: Int64 = 0
            var parts = WireReader(duration)
            while let field = parts.next() {
                switch field {
                case (1, .number(let value)): seconds = Int64(bitPattern: value)
                case (2, .number(let value)): nanos = Int64(bitPattern: value)
                default: break
                }
            }
            guard parts.isComplete else { return nil }
            // A peer's word: held at the ends of what a delay can be.
            delay = min(max(seconds, 0), Int64(UInt32.max)) * 1_000_000_000 + min(max(nanos, 0), 999_999_999)
        }
        return reader.isComplete ? delay : nil
    }
}

extension GRPCStatus {
    /// As a `google.rpc.Status`, which `grpc-status-details-bin` carries.
    func encodedDetails() -> [UInt8] {
        var writer = WireWriter()
        writer.number(1, Int64(code.rawValue))
        writer.text(2, message)
        for detail in details { writer.message(3) { detail.encode(into: &$0) } }
        return writer.bytes
    }

    /// The details in a `google.rpc.Status`; what is malformed is left out.
    static func details(in bytes: [UInt8]) -> [GRPCStatusDetail] {
        var found: [GRPCStatusDetail] = []
        var reader = WireReader(bytes[...])
        while let field = reader.next(), found.count < 64 {
            if case (3, .bytes(let any)) = field, let detail = GRPCStatusDetail(any: any) { found.append(detail) }
        }
        return found
    }
}
