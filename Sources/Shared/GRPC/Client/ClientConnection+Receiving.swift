import CNGHTTP2
import EventLoop
import Lifecycle

/// How answers come in.
extension ClientConnection {
    func header(_ call: ClientCall, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        call.headerBytes += name.count + value.count + 32
        if call.headerBytes > channel.configuration.maxHeaderBytes {
            return refuse(
                call, .resourceExhausted,
                "the answer's headers have more than \(channel.configuration.maxHeaderBytes) bytes")
        }
        switch name.count {
        case 7 where name.equals(":status"): call.httpStatus = Int(String(decoding: value, as: UTF8.self)) ?? 0
        case 11 where name.equals("grpc-status"): call.statusCode = Int(String(decoding: value, as: UTF8.self)) ?? 2
        case 12 where name.equals("grpc-message"): call.statusMessage = PercentEncoding.read(value)
        case 12 where name.equals("content-type"): call.hasContentType = value.starts(with: "application/grpc".utf8)
        case 13 where name.equals("grpc-encoding"):
            call.answerEncoding = value.equals("gzip") ? .gzip : value.equals("identity") ? .identity : .unknown
        case 23 where name.equals("grpc-status-details-bin"):
            call.statusDetails = Base64.decode(value).map(GRPCStatus.details(in:)) ?? []
        default:
            if call.hasHeaders {
                call.trailers.append(name: name, value: value)
            } else {
                call.initialMetadata.append(name: name, value: value)
            }
        }
    }

    /// The answer is not one that can be taken: the stream is reset and the call ends so.
    private func refuse(_ call: ClientCall, _ code: GRPCCode, _ reason: String) {
        guard call.verdict == nil else { return }
        call.verdict = GRPCStatus(code, reason)
        reset(call)
    }

    func headersComplete(_ streamID: Int32) {
        guard let call = call(on: streamID), call.state == .sent, !call.hasHeaders, call.httpStatus >= 200 else {
            return
        }
        call.hasHeaders = true
        // What came in the only headers that there are is the trailers.
        if call.statusCode != nil { swap(&call.initialMetadata, &call.trailers) }
        if call.httpStatus == 200, call.statusCode == nil, !call.hasContentType {
            refuse(call, .unknown, "the answer is not gRPC")
        }
    }

    func data(_ call: ClientCall, _ bytes: UnsafeRawBufferPointer) {
        guard call.state == .sent, call.verdict == nil, call.httpStatus == 200 else { return }
        do throws(MessageReader.Fault) {
            try call.answer.append(bytes, limit: channel.configuration.maxResponseBytes)
        } catch {
            switch error {
            case .tooLarge(let count):
                refuse(
                    call, .resourceExhausted,
                    "the answer has \(count) bytes, more than \(channel.configuration.maxResponseBytes)")
            case .trailing: refuse(call, .unimplemented, "the answer has more than one message")
            case .badFlag: refuse(call, .internal, "the answer's compression flag is neither 0 nor 1")
            }
        }
    }

    func closed(_ call: ClientCall, _ code: UInt32) {
        drop(call)
        if call.state == .sent {
            if code == NGHTTP2_REFUSED_STREAM.rawValue, call.verdict == nil, call.attempts <= retries {
                call.rewind()
                channel.enqueueLater(call)
                channel.dispatch()
                return finishDraining()
            }
            let status = verdict(call, code)
            if call.statusCode != nil { hasServed = true }
            channel.finish(call, status)
        }
        channel.giveBack(call)
        channel.dispatch()
        finishDraining()
    }

    private func verdict(_ call: ClientCall, _ code: UInt32) -> GRPCStatus {
        if let verdict = call.verdict { return verdict }
        guard let number = call.statusCode else { return withoutStatus(call, code) }
        if number != 0 {
            return GRPCStatus(
                GRPCCode(rawValue: number) ?? .unknown, call.statusMessage, details: call.statusDetails)
        }
        guard call.answer.isComplete else {
            return call.answer.hasBegun
                ? GRPCStatus(.internal, "the answer is shorter than it says")
                : GRPCStatus(.unimplemented, "the answer has no message")
        }
        return call.answer.isCompressed ? decompress(call) : .ok
    }

    private func withoutStatus(_ call: ClientCall, _ code: UInt32) -> GRPCStatus {
        if call.hasHeaders, call.httpStatus != 200 {
            return GRPCStatus(GRPCCode(httpStatus: call.httpStatus), "the server answered with HTTP \(call.httpStatus)")
        }
        if code == NGHTTP2_NO_ERROR.rawValue { return GRPCStatus(.unknown, "the answer has no status") }
        return GRPCStatus(GRPCCode(http2Error: code), "the server reset the call with HTTP/2 error \(code)")
    }

    private func decompress(_ call: ClientCall) -> GRPCStatus {
        guard call.answerEncoding == .gzip else {
            return GRPCStatus(.internal, "the answer is compressed in a way that was not asked for")
        }
        let limit = channel.configuration.maxResponseBytes
        do throws(Gzip.Fault) {
            call.answer.replaceBody(with: try channel.gzip.decompress(call.answer.body.bytes, limit: limit))
            return .ok
        } catch {
            return error == .tooLarge
                ? GRPCStatus(.resourceExhausted, "the answer is longer than \(limit) bytes")
                : GRPCStatus(.internal, "the answer is not gzip")
        }
    }
}
