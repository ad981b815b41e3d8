import CCurl

extension HTTPError {
    /// The error that a failed libcurl call stands for.
    init(curl code: CURLcode, request: HTTPRequest, collector: ResponseCollector, errorText: String) {
        let kind: Kind = collector.isTooLarge ? .tooLarge : Self.kind(of: code)
        let detail: String? =
            switch kind {
            case .tls, .badCertificateFile: errorText.isEmpty ? nil : errorText
            default: nil
            }
        self.init(kind, url: request.url, nativeCode: code.rawValue, detail: detail)
    }

    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_URL_MALFORMAT: .badRequest
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unresolved
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .unreachable
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CLIENTCERT, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            .tls
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CRL_BADFILE: .badCertificateFile
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR: .interrupted
        // Schemes are checked before, so an unsupported protocol is an answer without a status line (HTTP/0.9).
        case CURLE_OK, CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            .malformed
        case CURLE_ABORTED_BY_CALLBACK: .cancelled
        default: .other
        }
    }
}
