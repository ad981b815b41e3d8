import CSSL

/// OpenSSL's reasons, which it keeps in a queue of each thread.
enum TLSFailure {
    /// `what`, followed by OpenSSL's first reason, if there is one; empties the queue.
    static func text(_ what: String) -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return what }
        return "\(what): \(String(cString: reason))"
    }
}
