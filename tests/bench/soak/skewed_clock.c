/* Preloaded into a sound daemon: its monotonic clock runs SKEW_PPM parts per million too fast, as a sound card's own
   crystal does. The clock of the day stays true, because sound servers and their clients compare it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long first_ns;
static double factor;

__attribute__((constructor)) static void begin(void)
{
    const char *ppm = getenv("SKEW_PPM");
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    first_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
    factor = ppm ? atof(ppm) * 1e-6 : 0.0;
}

int clock_gettime(clockid_t which, struct timespec *at)
{
    int failed = (int)syscall(SYS_clock_gettime, which, at);
    if (!failed && which == CLOCK_MONOTONIC) {
        long long ns = at->tv_sec * 1000000000LL + at->tv_nsec;
        ns += (long long)((double)(ns - first_ns) * factor);
        at->tv_sec = ns / 1000000000LL;
        at->tv_nsec = ns % 1000000000LL;
    }
    return failed;
}
