import CSSL

/// Certificates and rules of TLS connections of one side: TLS 1.2 or newer, no renegotiation, compression or resumption.
///
/// Belongs to the loop's thread. Connections keep what they were made with, so a reload never disturbs them.
package final class TLSContext {
    /// Which end of a connection it is for.
    package enum Side: Sendable {
        /// Shows its certificate. With `authority` it demands one of clients that the authority signed (mTLS).
        case server
        /// Checks that the server's certificate is for the name that was dialled.
        case client
    }

    /// PEM files.
    package struct Files: Sendable {
        /// The certificate, followed by those between it and its authority. A client needs none unless the server asks.
        package var certificate: String?
        /// The certificate's private key, unencrypted.
        package var key: String?
        /// Certificates that the peer's must lead to. A client without uses the system's.
        package var authority: String?

        /// Files of one side.
        package init(certificate: String? = nil, key: String? = nil, authority: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.authority = authority
        }
    }

    let side: Side
    private let files: Files
    private let protocols: [UInt8]
    private var native: NativeTLSContext

    /// Reads the files. `protocolName` is the one application protocol (ALPN) that is spoken, such as `h2`.
    ///
    /// Throws what is wrong with which file.
    package init(_ side: Side, files: Files, protocolName: String) throws(EventLoopError) {
        self.side = side
        self.files = files
        protocols = [UInt8(clamping: protocolName.utf8.count)] + Array(protocolName.utf8)
        native = try NativeTLSContext(side, files)
        native.offer(self)
    }

    /// Reads the files again, for connections that begin from now on. If it throws, everything stays as it was.
    package func reload() throws(EventLoopError) {
        let fresh = try NativeTLSContext(side, files)
        fresh.offer(self)
        native = fresh
    }

    /// TLS on a connected descriptor; `serverName` is what a client dialled.
    func session(descriptor: Int32, serverName: String?) throws(EventLoopError) -> TLSSession {
        guard let ssl = SSL_new(native.raw) else { throw EventLoopError(TLSFailure.text("cannot begin TLS")) }
        let session = TLSSession(owning: ssl)
        guard SSL_set_fd(ssl, descriptor) == 1 else { throw EventLoopError(TLSFailure.text("cannot begin TLS")) }
        switch side {
        case .server: SSL_set_accept_state(ssl)
        case .client:
            SSL_set_connect_state(ssl)
            SSL_set_alpn_protos(ssl, protocols, UInt32(protocols.count))
            if let serverName { try session.expect(serverName) }
        }
        return session
    }

    /// A server's choice among what a client offers; a client that offers anything else is turned away.
    fileprivate func choose(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ length: UnsafeMutablePointer<UInt8>,
        among offered: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        var position = 0
        while position < offered.count {
            let next = position + 1 + Int(offered[position])
            if next <= offered.count, offered[position..<next].elementsEqual(protocols) {
                // OpenSSL copies it out of the client's own list.
                chosen.pointee = offered.baseAddress.map { $0 + position + 1 }
                length.pointee = offered[position]
                return SSL_TLSEXT_ERR_OK
            }
            position = next
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}

/// The one owner of an `SSL_CTX`, which OpenSSL itself keeps alive for the connections made with it.
private final class NativeTLSContext {
    let raw: OpaquePointer
    private let side: TLSContext.Side

    init(_ side: TLSContext.Side, _ files: TLSContext.Files) throws(EventLoopError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(side == .server ? TLS_server_method() : TLS_client_method()) else {
            throw EventLoopError(TLSFailure.text("OpenSSL has no TLS to offer"))
        }
        raw = context
        self.side = side
        _ = ssl_set_minimum_tls12(context)
        ssl_set_modes(context)
        ssl_set_options(context)
        // Without this an encrypted key would make OpenSSL ask at the terminal.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in 0 }
        try loadIdentity(files)
        try loadAuthority(files)
    }

    deinit { SSL_CTX_free(raw) }

    private func loadIdentity(_ files: TLSContext.Files) throws(EventLoopError) {
        guard let certificate = files.certificate else {
            guard side == .client else { throw EventLoopError("a TLS server needs a certificate") }
            return
        }
        guard let key = files.key else { throw EventLoopError("the certificate \(certificate) needs its key") }
        guard SSL_CTX_use_certificate_chain_file(raw, certificate) == 1 else {
            throw EventLoopError(TLSFailure.text("no certificate in \(certificate)"))
        }
        guard SSL_CTX_use_PrivateKey_file(raw, key, SSL_FILETYPE_PEM) == 1, SSL_CTX_check_private_key(raw) == 1 else {
            throw EventLoopError(TLSFailure.text("no key for \(certificate) in \(key)"))
        }
    }

    private func loadAuthority(_ files: TLSContext.Files) throws(EventLoopError) {
        if let authority = files.authority {
            guard SSL_CTX_load_verify_locations(raw, authority, nil) == 1 else {
                throw EventLoopError(TLSFailure.text("no certificates in \(authority)"))
            }
            if side == .server { SSL_CTX_set_client_CA_list(raw, SSL_load_client_CA_file(authority)) }
            SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        } else if side == .client {
            guard SSL_CTX_set_default_verify_paths(raw) == 1 else {
                throw EventLoopError(TLSFailure.text("the system has no certificate authorities"))
            }
            SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
        }
    }

    /// Has `owner`, which outlives every handshake on its loop, choose the application protocol.
    func offer(_ owner: TLSContext) {
        guard side == .server else { return }
        SSL_CTX_set_alpn_select_cb(
            raw,
            { _, chosen, length, offered, count, context in
                guard let chosen, let length, let context else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                return Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue().choose(
                    chosen, length, among: UnsafeBufferPointer(start: offered, count: Int(count)))
            }, Unmanaged.passUnretained(owner).toOpaque())
    }
}
