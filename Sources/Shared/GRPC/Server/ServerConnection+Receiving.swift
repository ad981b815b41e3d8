import CNGHTTP2
import EventLoop
import Lifecycle

/// How requests come in.
extension ServerConnection {
    func begin(_ streamID: Int32) {
        guard let session else { return }
        if call(on: streamID) != nil {
            // Trailers of a request: they say nothing that a unary call needs.
            arriving = nil
            return
        }
        guard let call = server.takeCall() else {
            nghttp2_submit_rst_stream(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue), streamID, NGHTTP2_REFUSED_STREAM.rawValue)
            arriving = nil
            return
        }
        call.connection = self
        call.streamID = streamID
        call.state = .receiving
        call.start = now
        call.index = open.count
        open.append(call)
        nghttp2_session_set_stream_user_data(session, streamID, Unmanaged.passUnretained(call).toOpaque())
        arriving = call
        lastCall = now
    }

    func header(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard let call = arriving else { return }
        call.headerBytes += name.count + value.count + 32
        if call.headerBytes > server.configuration.maxHeaderBytes {
            if call.rejection == nil {
                call.rejection = GRPCStatus(
                    .resourceExhausted, "the headers are larger than \(server.configuration.maxHeaderBytes) bytes")
            }
            return
        }
        switch name.count {
        case 2 where name.equals("te"): break
        case 5 where name.equals(":path"): call.method = server.method(value)
        case 7 where name.equals(":method"):
            if !value.equals("POST") { reject(call, httpStatus: 405) }
        case 7 where name.equals(":scheme"): break
        case 10 where name.equals(":authority"): break
        case 12 where name.equals("content-type"): contentType(call, value)
        case 12 where name.equals("grpc-timeout"): timeout(call, value)
        case 13 where name.equals("grpc-encoding"):
            call.encoding =
                value.equals("gzip")
                ? .gzip : value.equals("identity") ? .identity : .unknown
        case 20 where name.equals("grpc-accept-encoding"):
            call.acceptsGzip = value.split(separator: UInt8(ascii: ",")).contains {
                $0.filter { $0 != UInt8(ascii: " ") }.elementsEqual("gzip".utf8)
            }
        default: call.metadata.append(name: name, value: value)
        }
    }

    private func reject(_ call: ServerCall, httpStatus: Int) {
        call.httpStatus = httpStatus
        call.rejection = GRPCStatus(.unknown, "not a gRPC request")
    }

    private func contentType(_ call: ServerCall, _ value: UnsafeRawBufferPointer) {
        call.hasContentType = true
        let kind = UnsafeRawBufferPointer(
            rebasing: value.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") })
        let isTaken = kind.equals("application/grpc") || kind.equals("application/grpc+proto")
        if !isTaken { reject(call, httpStatus: 415) }
    }

    private func timeout(_ call: ServerCall, _ value: UnsafeRawBufferPointer) {
        if let nanoseconds = Timeout.parse(value) {
            call.deadline = call.start.advanced(by: nanoseconds)
        } else if call.rejection == nil {
            call.rejection = GRPCStatus(.internal, "grpc-timeout is not up to eight digits and a unit of HMSmun")
        }
    }

    func headersComplete(_ call: ServerCall) {
        if !call.hasContentType { reject(call, httpStatus: 415) }
        if let status = call.rejection { return answer(call, with: status) }
        guard call.method != nil else { return answer(call, with: GRPCStatus(.unimplemented, "no such method")) }
        if call.encoding == .unknown {
            var accepted = GRPCMetadata()
            accepted.addReserved("grpc-accept-encoding", "identity,gzip")
            return answer(
                call, with: GRPCStatus(.unimplemented, "grpc-encoding may be identity or gzip"), trailers: accepted)
        }
        if let deadline = call.deadline {
            if deadline <= now { return deadlinePassed(call) }
            call.deadlineEntry = server.deadlines?.insert(at: deadline, token: UInt64(call.slot))
        }
    }

    func data(_ streamID: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let call = call(on: streamID), call.state == .receiving else { return }
        budget.refund(data: bytes.count)
        server.statistics.bufferedBytes += bytes.count
        guard server.statistics.bufferedBytes <= server.configuration.maxBufferedBytes else {
            server.statistics.bufferedBytes -= bytes.count
            return answer(call, with: GRPCStatus(.resourceExhausted, "the server holds as many requests as it may"))
        }
        let before = call.request.body.count
        do throws(MessageReader.Fault) {
            try call.request.append(bytes, limit: server.configuration.maxRequestBytes)
            server.statistics.bufferedBytes -= bytes.count - (call.request.body.count - before)
        } catch {
            server.statistics.bufferedBytes -= bytes.count
            let limit = server.configuration.maxRequestBytes
            switch error {
            case .tooLarge(let count):
                answer(
                    call, with: GRPCStatus(.resourceExhausted, "the request has \(count) bytes, more than \(limit)"))
            case .trailing: answer(call, with: GRPCStatus(.unimplemented, "the method takes one message"))
            case .badFlag:
                answer(call, with: GRPCStatus(.internal, "the message's compression flag is neither 0 nor 1"))
            }
        }
    }

    /// The client has sent all that it will.
    func requestWhole(_ streamID: Int32) {
        guard let call = call(on: streamID), !call.isRequestWhole else { return }
        if call.state == .answered { earlyAnswers -= 1 }
        call.isRequestWhole = true
        guard call.state == .receiving else { return }
        guard call.request.hasBegun else {
            return answer(call, with: GRPCStatus(.unimplemented, "the method takes one message, none came"))
        }
        guard call.request.isComplete else {
            return answer(call, with: GRPCStatus(.internal, "the message is shorter than it says"))
        }
        if call.request.isCompressed, !decompress(call) { return }
        call.state = .handling
        call.method?.handler(GRPCCall(call))
    }

    private func decompress(_ call: ServerCall) -> Bool {
        guard call.encoding == .gzip else {
            answer(call, with: GRPCStatus(.internal, "a compressed message without grpc-encoding"))
            return false
        }
        let limit = server.configuration.maxRequestBytes
        let before = call.request.body.count
        do throws(Gzip.Fault) {
            call.request.replaceBody(with: try server.gzip.decompress(call.request.body.bytes, limit: limit))
        } catch {
            let status =
                switch error {
                case .tooLarge: GRPCStatus(.resourceExhausted, "the request is longer than \(limit) bytes")
                case .malformed: GRPCStatus(.internal, "the message is not gzip")
                }
            answer(call, with: status)
            return false
        }
        server.statistics.bufferedBytes += call.request.body.count - before
        return true
    }
}
