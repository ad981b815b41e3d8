// Wakes up a hundred times a second on an absolute schedule and prints when it did, nanoseconds: what the machine does to
// anything that is to happen at an instant.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 0;
    if (count < 2 || count > 10000000) return 2;
    long long *woken = malloc(sizeof *woken * (size_t)count);
    if (woken == NULL) return 1;
    struct timespec due, now;
    clock_gettime(CLOCK_MONOTONIC, &due);
    for (long i = 0; i < count; i++) {
        due.tv_nsec += 10000000;
        if (due.tv_nsec >= 1000000000) {
            due.tv_nsec -= 1000000000;
            due.tv_sec++;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        clock_gettime(CLOCK_MONOTONIC, &now);
        woken[i] = now.tv_sec * 1000000000LL + now.tv_nsec;
    }
    for (long i = 0; i < count; i++) printf("%lld\n", woken[i]);
    free(woken);
    return 0;
}
