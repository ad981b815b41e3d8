import CCurl
import Glibc

/// The functions of libcurl, opened with dlopen when the first request is sent.
///
/// Linked, libcurl and the 25 libraries behind it made a program's start 3.7 ms longer (6.8 against 3.1 ms), also for
/// `--help` and for runs that never speak HTTP. Opened on use, the 4 ms are paid once, beside the first request.
struct CurlLibrary: Sendable {
    /// Debian's and every other current distribution's name of the library with the stable interface 4.
    static let fileName = "libcurl.so.4"

    typealias Init = @convention(c) @Sendable () -> UnsafeMutableRawPointer?
    typealias Cleanup = @convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void
    typealias Perform = @convention(c) @Sendable (UnsafeMutableRawPointer?) -> CURLcode
    typealias Append =
        @convention(c) @Sendable (UnsafeMutablePointer<curl_slist>?, UnsafePointer<CChar>?) -> UnsafeMutablePointer<
            curl_slist
        >?
    typealias FreeList = @convention(c) @Sendable (UnsafeMutablePointer<curl_slist>?) -> Void
    private typealias GlobalInit = @convention(c) (Int) -> CURLcode

    let easyInit: Init
    let easyCleanup: Cleanup
    let easyReset: Cleanup
    let easyPerform: Perform
    let listAppend: Append
    let listFree: FreeList
    // Addresses of functions in a library that is never closed: constant, and callable from every thread.
    nonisolated(unsafe) let setOption: UnsafeMutableRawPointer
    nonisolated(unsafe) let getInfo: UnsafeMutableRawPointer

    /// The opened library; the first reader opens it (blocking, about 4 ms) and initialises it once for the process.
    static let shared: Result<CurlLibrary, HTTPError> = {
        do throws(HTTPError) { return .success(try CurlLibrary()) } catch { return .failure(error) }
    }()

    private init() throws(HTTPError) {
        guard let library = dlopen(Self.fileName, RTLD_LAZY | RTLD_LOCAL) else {
            throw HTTPError(.unavailable, detail: "\(Self.fileName) could not be opened")
        }
        func symbol(_ name: String) throws(HTTPError) -> UnsafeMutableRawPointer {
            guard let address = dlsym(library, name) else {
                throw HTTPError(.unavailable, detail: "\(Self.fileName) has no \(name)")
            }
            return address
        }
        easyInit = unsafeBitCast(try symbol("curl_easy_init"), to: Init.self)
        easyCleanup = unsafeBitCast(try symbol("curl_easy_cleanup"), to: Cleanup.self)
        easyReset = unsafeBitCast(try symbol("curl_easy_reset"), to: Cleanup.self)
        easyPerform = unsafeBitCast(try symbol("curl_easy_perform"), to: Perform.self)
        listAppend = unsafeBitCast(try symbol("curl_slist_append"), to: Append.self)
        listFree = unsafeBitCast(try symbol("curl_slist_free_all"), to: FreeList.self)
        setOption = try symbol("curl_easy_setopt")
        getInfo = try symbol("curl_easy_getinfo")
        let globalInit = unsafeBitCast(try symbol("curl_global_init"), to: GlobalInit.self)
        let code = globalInit(ccurl_global_default())
        guard code == CURLE_OK else { throw HTTPError(.unavailable, nativeCode: code.rawValue) }
    }
}
