#pragma once

/*
 * Linked for its malloc: librdkafka allocates every header of every record on one thread and frees it on another, which
 * the C library's own allocator pays for with a third of the tool's processor time. There is nothing to call.
 */
