#pragma once
#include <hiredis/hiredis.h>
/* Swift's Glibc has neither; a client waits for several servers behind one descriptor. */
#include <sys/epoll.h>
#include <sys/eventfd.h>

/*
 * hiredis 0.14 and 1.x differ in the structures that its reader hands out. Everything version-dependent is here: the
 * reader calls the functions of a chiredis_sink, whose signatures are the same with both.
 */

/* What replies are made of; each function returns false to refuse the reply. `context` is the sink's own. */
typedef struct chiredis_sink {
    void *context;
    /* Bulk, status, error, big number or verbatim string: `type` is a REDIS_REPLY_ constant. */
    int (*string)(void *context, int type, const char *bytes, size_t length);
    /* An array, set, push or map begins; a map's elements are its keys and values. */
    int (*aggregate)(void *context, int type, size_t elements);
    int (*integer)(void *context, long long value);
    int (*null)(void *context);
    int (*real)(void *context, double value);
    int (*boolean)(void *context, int value);
} chiredis_sink;

/* The kinds that 0.14 does not know have the numbers that 1.x gives them. */
static inline int chiredis_type_status(void) { return REDIS_REPLY_STATUS; }
static inline int chiredis_type_error(void) { return REDIS_REPLY_ERROR; }
static inline int chiredis_type_array(void) { return REDIS_REPLY_ARRAY; }
static inline int chiredis_type_map(void) { return 9; }
static inline int chiredis_type_set(void) { return 10; }
static inline int chiredis_type_push(void) { return 12; }
static inline int chiredis_type_big_number(void) { return 13; }
static inline int chiredis_type_verbatim(void) { return 14; }

/* Whether this hiredis parses RESP3. */
static inline int chiredis_has_resp3(void) { return HIREDIS_MAJOR >= 1; }
static inline int chiredis_major(void) { return HIREDIS_MAJOR; }
static inline int chiredis_minor(void) { return HIREDIS_MINOR; }

/* The reader keeps what these return only to see that it is not NULL. */
#define CHIREDIS_SINK(task) ((chiredis_sink *)(task)->privdata)
#define CHIREDIS_KEPT(isTaken) ((isTaken) ? (void *)1 : (void *)0)

static inline void *chiredis_on_string(const redisReadTask *task, char *bytes, size_t length) {
    return CHIREDIS_KEPT(CHIREDIS_SINK(task)->string(CHIREDIS_SINK(task)->context, task->type, bytes, length));
}
#if HIREDIS_MAJOR >= 1
static inline void *chiredis_on_aggregate(const redisReadTask *task, size_t elements) {
    return CHIREDIS_KEPT(CHIREDIS_SINK(task)->aggregate(CHIREDIS_SINK(task)->context, task->type, elements));
}
#else
static inline void *chiredis_on_aggregate(const redisReadTask *task, int elements) {
    return CHIREDIS_KEPT(
        CHIREDIS_SINK(task)->aggregate(CHIREDIS_SINK(task)->context, task->type, (size_t)(unsigned)elements));
}
#endif
static inline void *chiredis_on_integer(const redisReadTask *task, long long value) {
    return CHIREDIS_KEPT(CHIREDIS_SINK(task)->integer(CHIREDIS_SINK(task)->context, value));
}
static inline void *chiredis_on_null(const redisReadTask *task) {
    return CHIREDIS_KEPT(CHIREDIS_SINK(task)->null(CHIREDIS_SINK(task)->context));
}
static inline void *chiredis_on_real(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)bytes, (void)length;
    return CHIREDIS_KEPT(CHIREDIS_SINK(task)->real(CHIREDIS_SINK(task)->context, value));
}
static inline void *chiredis_on_boolean(const redisReadTask *task, int value) {
    return CHIREDIS_KEPT(CHIREDIS_SINK(task)->boolean(CHIREDIS_SINK(task)->context, value));
}
static inline void chiredis_free_nothing(void *object) { (void)object; }

/* A reader that tells `sink`, which must outlive it; NULL when memory is out. Free it with redisReaderFree. */
static inline redisReader *chiredis_reader(chiredis_sink *sink) {
    static redisReplyObjectFunctions functions = {
        .createString = chiredis_on_string,
        .createArray = chiredis_on_aggregate,
        .createInteger = chiredis_on_integer,
        .createNil = chiredis_on_null,
#if HIREDIS_MAJOR >= 1
        .createDouble = chiredis_on_real,
        .createBool = chiredis_on_boolean,
#endif
        .freeObject = chiredis_free_nothing,
    };
    redisReader *reader = redisReaderCreateWithFunctions(&functions);
    if (reader) reader->privdata = sink;
    return reader;
}

/* Bytes that were fed and belong to no complete reply yet. */
static inline size_t chiredis_buffered(const redisReader *reader) { return reader->len - reader->pos; }
/* Why the reader stopped; it is of no use then. */
static inline const char *chiredis_error(const redisReader *reader) { return reader->errstr; }
