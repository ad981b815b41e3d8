#pragma once
// First, so that _GNU_SOURCE, which event-config.h defines, no longer changes what libc's headers declare: fd_set must
// be the one that Swift's own Glibc module has.
#include <sys/select.h>
#include <event2/event.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
