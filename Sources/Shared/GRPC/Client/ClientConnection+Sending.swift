import CNGHTTP2
import EventLoop
import Lifecycle

/// How requests go out.
extension ClientConnection {
    func submit(_ call: ClientCall) {
        guard let session else { return }
        call.state = .sent
        call.connection = self
        call.attempts += 1
        call.index = open.count
        open.append(call)
        describe(call)
        // The call lives as long as its stream, in `open`.
        let pointer = Unmanaged.passUnretained(call).toOpaque()
        var provider = nghttp2_data_provider(source: nghttp2_data_source(ptr: pointer), read_callback: readRequest)
        let streamID = channel.headers.withNative {
            nghttp2_submit_request(session, nil, $0, $1, &provider, pointer)
        }
        if streamID > 0 {
            call.streamID = streamID
            return requestPump()
        }
        drop(call)
        if streamID == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue { drainForGood() }
        if call.attempts <= retries { return again(call) }
        channel.finish(call, GRPCStatus(.unavailable, "HTTP/2 has no stream for the call"))
        channel.giveBack(call)
    }

    private func describe(_ call: ClientCall) {
        channel.headers.removeAll()
        channel.headers.add(":method", "POST")
        channel.headers.add(":scheme", channel.tls == nil ? "http" : "https")
        channel.headers.add(":path") { buffer in call.path.withUnsafeBytes { buffer.append($0) } }
        channel.headers.add(":authority") { $0.append(channel.authority) }
        channel.headers.add("te", "trailers")
        channel.headers.add("content-type", "application/grpc")
        channel.headers.add("user-agent") { $0.append(channel.configuration.userAgent) }
        channel.headers.add("grpc-accept-encoding", "gzip")
        if call.isCompressed { channel.headers.add("grpc-encoding", "gzip") }
        if let deadline = call.deadline {
            // Different each time: in the table of headers that both sides keep it would only drive out others.
            channel.headers.addOnce("grpc-timeout") {
                Timeout.write(deadline.nanoseconds(since: channel.loop.now), into: &$0)
            }
        }
        if let metadata = call.metadata { channel.headers.add(metadata) }
    }

    /// Tells the server that nobody waits for a call any more.
    func reset(_ call: ClientCall) {
        guard let session, call.streamID > 0 else { return }
        nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), call.streamID, NGHTTP2_CANCEL.rawValue)
        requestPump()
    }
}

private func readRequest(
    _ session: OpaquePointer?, _ streamID: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ length: Int,
    _ flags: UnsafeMutablePointer<UInt32>?, _ source: UnsafeMutablePointer<nghttp2_data_source>?,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let pointer = source?.pointee.ptr, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    let call = Unmanaged<ClientCall>.fromOpaque(pointer).takeUnretainedValue()
    let rest = UnsafeRawBufferPointer(rebasing: call.request.bytes[call.requestOffset...])
    let count = min(length, rest.count)
    // The request stays until the call is over: it may have to be sent again.
    UnsafeMutableRawBufferPointer(start: buffer, count: length).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
    call.requestOffset += count
    if count == rest.count { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    return count
}
