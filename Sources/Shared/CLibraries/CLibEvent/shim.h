#pragma once
// First, so that _GNU_SOURCE, which event-config.h defines, no longer changes what libc's headers declare: fd_set must
// be the one that Swift's own Glibc module has.
#include <sys/select.h>
#include <event2/event.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sys/socket.h>

// Whether Swift sees SOCK_STREAM depends on which C modules are imported beside this one.
static inline int loop_stream_kind(void) { return SOCK_STREAM; }
#include <sys/eventfd.h>

// A header that Swift's Glibc module does not have.
static inline int loop_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
