#pragma once
#include <curl/curl.h>

/*
 * libcurl is not linked but opened on first use (HTTPClient/CurlLibrary.swift), so its functions are called through
 * addresses from dlsym. curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one wrapper for
 * each kind of argument, the function's address first.
 */
typedef CURLcode (*ccurl_setopt_function)(CURL *handle, CURLoption option, ...);
typedef CURLcode (*ccurl_getinfo_function)(CURL *handle, CURLINFO info, ...);

static inline CURLcode ccurl_setopt_long(const void *function, CURL *handle, CURLoption option, long value) {
    return ((ccurl_setopt_function)function)(handle, option, value);
}
static inline CURLcode ccurl_setopt_offset(const void *function, CURL *handle, CURLoption option, curl_off_t value) {
    return ((ccurl_setopt_function)function)(handle, option, value);
}
static inline CURLcode ccurl_setopt_pointer(const void *function, CURL *handle, CURLoption option, const void *value) {
    return ((ccurl_setopt_function)function)(handle, option, value);
}
static inline CURLcode ccurl_setopt_write(
    const void *function, CURL *handle, CURLoption option, curl_write_callback value) {
    return ((ccurl_setopt_function)function)(handle, option, value);
}
static inline CURLcode ccurl_setopt_progress(
    const void *function, CURL *handle, CURLoption option, curl_xferinfo_callback value) {
    return ((ccurl_setopt_function)function)(handle, option, value);
}
static inline CURLcode ccurl_getinfo_long(const void *function, CURL *handle, CURLINFO info, long *value) {
    return ((ccurl_getinfo_function)function)(handle, info, value);
}

/* Macros whose casts and shifts Swift does not import. */
static inline long ccurl_global_default(void) { return CURL_GLOBAL_DEFAULT; }
static inline long ccurl_auth_basic(void) { return (long)CURLAUTH_BASIC; }
static inline long ccurl_auth_bearer(void) { return (long)CURLAUTH_BEARER; }
static inline long ccurl_tls_1_2(void) { return CURL_SSLVERSION_TLSv1_2; }
static inline long ccurl_http_1_1(void) { return CURL_HTTP_VERSION_1_1; }
static inline size_t ccurl_error_size(void) { return CURL_ERROR_SIZE; }
