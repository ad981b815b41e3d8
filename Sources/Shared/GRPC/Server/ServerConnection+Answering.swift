import CNGHTTP2
import EventLoop
import Lifecycle

/// How answers go out.
extension ServerConnection {
    /// Adds a message that `write` makes to the answer, and, if it is the last, ends the call with OK.
    func respond(
        _ call: ServerCall, byteCount: Int, trailers: GRPCMetadata?, isLast: Bool,
        _ write: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard byteCount <= server.configuration.maxResponseBytes else {
            return answer(call, with: GRPCStatus(.resourceExhausted, "the answer has \(byteCount) bytes, too many"))
        }
        let isFirst = call.state == .handling
        let usesGzip =
            isFirst && isLast && call.acceptsGzip && byteCount >= server.configuration.compressFromBytes ?? .max
        frame(call, byteCount: byteCount, usesGzip: usesGzip, write)
        call.trailers = trailers
        call.isResponseComplete = isLast
        if isFirst {
            submitHeaders(call, usesGzip: usesGzip)
        } else if let session {
            nghttp2_session_resume_data(session, call.streamID)
        }
        if isLast { settle(call, .ok) } else { call.state = .streaming }
        requestPump()
    }

    private func frame(
        _ call: ServerCall, byteCount: Int, usesGzip: Bool, _ write: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        let start = call.response.count
        let room = UnsafeMutableRawBufferPointer(start: call.response.extend(by: 5 + byteCount), count: 5 + byteCount)
        let written = min(max(0, write(UnsafeMutableRawBufferPointer(rebasing: room[5...]))), byteCount)
        call.response.removeLast(byteCount - written)
        var flag: UInt8 = 0
        var length = written
        if usesGzip {
            var packed = ByteBuffer()
            let plain = UnsafeRawBufferPointer(rebasing: call.response.bytes[(start + 5)...])
            if server.gzip.compress(plain, into: &packed), packed.count < written {
                call.response.removeLast(written)
                call.response.append(packed.bytes)
                flag = 1
                length = packed.count
            }
        }
        let prefix = call.response.mutableBytes
        prefix[start] = flag
        prefix.storeBytes(of: UInt32(length).bigEndian, toByteOffset: start + 1, as: UInt32.self)
    }

    private func submitHeaders(_ call: ServerCall, usesGzip: Bool) {
        guard let session else { return }
        // nghttp2 calls for the data while the stream is open, and the call lives until it is closed.
        var provider = nghttp2_data_provider(
            source: nghttp2_data_source(ptr: Unmanaged.passUnretained(call).toOpaque()), read_callback: readAnswer)
        if let metadata = call.initialMetadata {
            server.headers.removeAll()
            server.headers.add(":status", "200")
            server.headers.add("content-type", "application/grpc")
            if usesGzip { server.headers.add("grpc-encoding", "gzip") }
            server.headers.add(metadata)
            server.headers.withNative { _ = nghttp2_submit_response(session, call.streamID, $0, $1, &provider) }
        } else {
            let headers = usesGzip ? server.gzipHeaders : server.plainHeaders
            nghttp2_submit_response(session, call.streamID, headers.native, headers.count, &provider)
        }
    }

    /// Gives nghttp2 the next bytes of an answer, and the trailers after the last.
    fileprivate func read(
        _ call: ServerCall, into room: UnsafeMutableRawBufferPointer, _ flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let count = min(room.count, call.response.count)
        if count > 0 {
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: call.response.bytes[..<count]))
            call.response.removeFirst(count)
        }
        if call.response.isEmpty, call.isResponseComplete {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            submitTrailers(call)
        } else if count == 0 {
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        return count
    }

    private func submitTrailers(_ call: ServerCall) {
        guard let session else { return }
        if call.status.code == .ok, call.trailers == nil {
            nghttp2_submit_trailer(session, call.streamID, server.okTrailers.native, server.okTrailers.count)
            return
        }
        server.headers.removeAll()
        server.headers.add(call.status)
        if let trailers = call.trailers { server.headers.add(trailers) }
        server.headers.withNative { _ = nghttp2_submit_trailer(session, call.streamID, $0, $1) }
    }

    /// Ends a call with a status: in the headers alone if nothing has been sent yet.
    func answer(_ call: ServerCall, with status: GRPCStatus, trailers: GRPCMetadata? = nil) {
        guard let session, call.state != .answered else { return }
        if call.state == .streaming {
            call.status = status
            call.trailers = trailers
            call.isResponseComplete = true
            nghttp2_session_resume_data(session, call.streamID)
        } else {
            server.headers.removeAll()
            server.headers.add(":status") { $0.append(String(call.httpStatus)) }
            if call.httpStatus == 200 {
                server.headers.add("content-type", "application/grpc")
                server.headers.add(status)
                if let initial = call.initialMetadata { server.headers.add(initial) }
                if let trailers { server.headers.add(trailers) }
            }
            server.headers.withNative { _ = nghttp2_submit_response(session, call.streamID, $0, $1, nil) }
        }
        settle(call, status.code)
        requestPump()
    }

    /// The answer is given: what the call held for its request goes, and handles of it do nothing more.
    private func settle(_ call: ServerCall, _ code: GRPCCode) {
        call.state = .answered
        call.answeredAt = server.observer == nil ? now : loop.now
        call.onCancel = nil
        if !call.isRequestWhole { earlyAnswers += 1 }
        releaseRequest(call)
        report(call, code)
    }

    private func releaseRequest(_ call: ServerCall) {
        if let entry = call.deadlineEntry {
            call.deadlineEntry = nil
            server.deadlines?.remove(entry)
        }
        server.statistics.bufferedBytes -= call.request.body.count
        call.request.reset()
    }

    private func report(_ call: ServerCall, _ code: GRPCCode) {
        guard let observer = server.observer else { return }
        observer(GRPCCallReport(method: call.method?.path, code: code, start: call.start, end: call.answeredAt))
    }

    /// The deadline passed before the handler answered.
    func deadlinePassed(_ call: ServerCall) {
        let onCancel = call.onCancel
        answer(call, with: GRPCStatus(.deadlineExceeded, "the deadline passed before there was an answer"))
        onCancel?()
    }

    /// The stream is closed, or the connection gone: the call's object goes back to the pool.
    func close(_ call: ServerCall, cancelled: Bool) {
        let isUnanswered = call.state != .answered
        let onCancel = isUnanswered ? call.onCancel : nil
        if isUnanswered {
            call.state = .answered
            call.answeredAt = now
            releaseRequest(call)
            report(call, .cancelled)
        } else if !call.isRequestWhole {
            earlyAnswers -= 1
        }
        // A call that is reset at once has cost work and led to nothing; one that was open for a while is no trick.
        if !cancelled || now.nanoseconds(since: call.start) > 100_000_000 { budget.callFinished() }
        if arriving === call { arriving = nil }
        let last = open.removeLast()
        if last !== call {
            open[call.index] = last
            last.index = call.index
        }
        server.giveBack(call)
        onCancel?()
        if open.isEmpty, drain == .last { finishDraining() }
    }
}

private func readAnswer(
    _ session: OpaquePointer?, _ streamID: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ length: Int,
    _ flags: UnsafeMutablePointer<UInt32>?, _ source: UnsafeMutablePointer<nghttp2_data_source>?,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let pointer = source?.pointee.ptr, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    let call = Unmanaged<ServerCall>.fromOpaque(pointer).takeUnretainedValue()
    let room = UnsafeMutableRawBufferPointer(start: buffer, count: length)
    return call.connection?.read(call, into: room, flags) ?? Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
}
