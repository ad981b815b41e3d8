#pragma once

/*
 * Linked for its malloc: librdkafka allocates every header of every record on one thread and frees it on another, which
 * the C library's own allocator pays for with a third of the tool's processor time.
 */
#include <jemalloc/jemalloc.h>
#include <sys/types.h>

// Pages that were freed go back to the system after this long instead of ten seconds: with buffers that fill and empty
// on many threads, those pages were a sixth of the resident memory. Zero where jemalloc took it.
static inline int toolkit_jemalloc_decay(ssize_t milliseconds) {
    int later = mallctl("arenas.dirty_decay_ms", NULL, NULL, &milliseconds, sizeof milliseconds);
    int first = mallctl("arena.0.dirty_decay_ms", NULL, NULL, &milliseconds, sizeof milliseconds);
    return later != 0 ? later : first;
}
