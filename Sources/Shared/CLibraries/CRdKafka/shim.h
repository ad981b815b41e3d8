#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
// Not in Swift's Glibc module: the descriptor that queues signal through.
#include <sys/eventfd.h>

// rd_kafka_producev is variadic, which Swift does not import, and rd_kafka_produceva allocates an error object for
// a full queue, which is an everyday answer on the hot path. This is the one call that every record goes through:
// key and value are copied by librdkafka, `headers` (may be NULL) is taken over on success only.
static inline rd_kafka_resp_err_t toolkit_rd_kafka_produce(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length, const void *value,
    size_t value_length, int64_t timestamp, rd_kafka_headers_t *headers, void *tag) {
    return rd_kafka_producev(
        rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_VALUE((void *)value, value_length),
        RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_OPAQUE(tag), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
}
