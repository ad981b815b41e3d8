import CNGHTTP2

/// nghttp2's callbacks and options, made once for a server or channel; the one owner of both.
final class HTTP2Library {
    let callbacks: OpaquePointer
    let options: OpaquePointer
    /// Frames on their way from a session to its stream; free outside of ``HTTP2Connection/pump()``.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    init() throws(HTTP2Failure) {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks else {
            throw HTTP2Failure("nghttp2 has no memory")
        }
        guard nghttp2_option_new(&options) == 0, let options else {
            nghttp2_session_callbacks_del(callbacks)
            throw HTTP2Failure("nghttp2 has no memory")
        }
        self.callbacks = callbacks
        self.options = options
        setOptions()
        setCallbacks()
    }

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(options)
        scratch.deallocate()
    }

    private func setOptions() {
        // Floods of settings, pings and resets are for AbuseBudget to judge, which knows what they led to; nghttp2's own
        // limits are wide enough to leave that to it.
        nghttp2_option_set_max_outbound_ack(options, 1 << 16)
        nghttp2_option_set_stream_reset_rate_limit(options, 1 << 16, 1 << 12)
        nghttp2_option_set_max_settings(options, 32)
        // Closed streams are of use for priorities only, which gRPC does not have.
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_max_deflate_dynamic_table_size(options, 4_096)
    }

    private func setCallbacks() {
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, context in
            guard let header, let context else { return 0 }
            return connection(context).answer { $0.frameBegan(header.pointee) }
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            guard let frame, let context else { return 0 }
            return connection(context).answer { $0.headersBegan(frame.pointee.hd.stream_id) }
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameCount, value, valueCount, _, context in
            guard let frame, let context else { return 0 }
            return connection(context).answer {
                $0.headerReceived(
                    frame.pointee.hd.stream_id, name: UnsafeRawBufferPointer(start: name, count: nameCount),
                    value: UnsafeRawBufferPointer(start: value, count: valueCount))
            }
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            guard let frame, let context else { return 0 }
            return connection(context).answer { $0.frameReceived(frame) }
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, context in
            guard let context else { return 0 }
            return connection(context).answer {
                $0.dataReceived(stream, UnsafeRawBufferPointer(start: bytes, count: count))
            }
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            guard let context else { return 0 }
            return connection(context).answer { $0.streamClosed(stream, code) }
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            guard let frame, let context else { return 0 }
            return connection(context).answer { $0.frameSent(frame.pointee.hd) }
        }
    }
}

private func connection(_ context: UnsafeMutableRawPointer) -> HTTP2Connection {
    Unmanaged<HTTP2Connection>.fromOpaque(context).takeUnretainedValue()
}

/// HTTP/2 cannot be spoken, or not any more.
struct HTTP2Failure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    init(_ what: String, code: Int32) {
        description = nghttp2_strerror(code).map { "\(what): \(String(cString: $0))" } ?? what
    }
}
