import CSSL
import Glibc

/// TLS on one connection, the one owner of its `SSL`. It never closes the descriptor.
final class TLSSession {
    /// What an operation came to.
    enum Outcome {
        case done(Int)
        case wantsRead
        case wantsWrite
        case ended
        case failed(EventLoopError)
    }

    private let ssl: OpaquePointer
    private(set) var isEstablished = false

    init(owning ssl: OpaquePointer) { self.ssl = ssl }

    deinit { SSL_free(ssl) }

    /// A client's demand that the certificate is for `name`, a host or an address.
    func expect(_ name: String) throws(EventLoopError) {
        let isAddress = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1
        ERR_clear_error()
        guard isAddress || (SSL_set1_host(ssl, name) == 1 && ssl_set_server_name(ssl, name) == 1) else {
            throw EventLoopError(TLSFailure.text("\(name) is no name that a certificate could be for"))
        }
    }

    /// Goes on with the handshake; `.done` once it is over.
    func handshake() -> Outcome {
        ERR_clear_error()
        let code = SSL_do_handshake(ssl)
        if code == 1 {
            isEstablished = true
            return .done(0)
        }
        return outcome(code, "TLS handshake failed")
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        ERR_clear_error()
        let count = SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        return count > 0 ? .done(Int(count)) : outcome(count, "TLS failed")
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        ERR_clear_error()
        let count = SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count))
        return count > 0 ? .done(Int(count)) : outcome(count, "TLS failed")
    }

    /// Says goodbye, once, without waiting for an answer.
    func shutDown() {
        ERR_clear_error()
        if isEstablished { SSL_shutdown(ssl) }
        ERR_clear_error()
    }

    /// The application protocol that both agreed on, if any.
    var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self) }
    }

    private func outcome(_ code: Int32, _ what: String) -> Outcome {
        let saved = errno
        switch SSL_get_error(ssl, code) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL where ERR_peek_error() == 0:
            return saved == 0 ? .ended : .failed(.init(what, code: saved))
        default:
            let verdict = SSL_get_verify_result(ssl)
            guard verdict != Int(X509_V_OK), let reason = X509_verify_cert_error_string(verdict) else {
                return .failed(EventLoopError(TLSFailure.text(what)))
            }
            ERR_clear_error()
            return .failed(EventLoopError("\(what): \(String(cString: reason))"))
        }
    }

    /// The names in the peer's certificate that was verified; empty if it showed none.
    func peerNames() -> TLSPeer? {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        var peer = TLSPeer()
        if let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) {
            let names = OpaquePointer(raw)
            for index in 0..<ssl_general_name_count(names) {
                var kind: Int32 = 0
                var count: Int32 = 0
                guard let text = ssl_general_name_text(ssl_general_name(names, index), &kind, &count) else { continue }
                let name = String(decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
                if kind == GEN_DNS { peer.hosts.append(name) } else { peer.uris.append(name) }
            }
            GENERAL_NAMES_free(names)
        }
        var common = [CChar](repeating: 0, count: 256)
        let length = X509_NAME_get_text_by_NID(
            X509_get_subject_name(certificate), NID_commonName, &common, Int32(common.count))
        if length > 0 { peer.commonName = String(decoding: common.prefix(Int(length)).map(UInt8.init), as: UTF8.self) }
        return peer
    }
}

/// Who the other end's certificate, which was verified, says that it is.
package struct TLSPeer: Sendable, Equatable {
    /// Subject's common name.
    package internal(set) var commonName: String?
    /// Alternative names of the kind DNS.
    package internal(set) var hosts: [String] = []
    /// Alternative names of the kind URI, such as SPIFFE ids.
    package internal(set) var uris: [String] = []
}
