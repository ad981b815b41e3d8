#pragma once
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

// Macros, which Swift does not import.
static inline long ssl_set_minimum_tls12(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static inline void ssl_set_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
}
static inline void ssl_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
}
static inline int ssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, (char *)name);
}
static inline int ssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add0_chain_cert(context, certificate);
}
static inline BIO *ssl_memory(const void *bytes, int length) { return BIO_new_mem_buf(bytes, length); }
static inline int ssl_general_name_count(GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline GENERAL_NAME *ssl_general_name(GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}
// The text of a DNS or URI name; NULL for other kinds.
static inline const unsigned char *ssl_general_name_text(GENERAL_NAME *name, int *type, int *length) {
    ASN1_IA5STRING *text = name->type == GEN_DNS ? name->d.dNSName
                           : name->type == GEN_URI ? name->d.uniformResourceIdentifier
                                                   : NULL;
    if (text == NULL) return NULL;
    *type = name->type;
    *length = ASN1_STRING_length(text);
    return ASN1_STRING_get0_data(text);
}
