// A clock beside the daemon: woken every so often by an absolute timer, in real time, and doing nothing else. What
// makes it late is the machine, its host or the scheduler; what makes only the daemon late is the daemon's own.
//
//   beside INTERVAL_US COUNT   prints for each wake-up: CLOCK_REALTIME when it was due, and how late it was, both us
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  const int64_t interval_ns = atoll(argv[1]) * 1000;
  const int count = atoi(argv[2]);
  int64_t *late_ns = calloc(count, sizeof *late_ns);
  int64_t *due_ns = calloc(count, sizeof *due_ns);
  const struct sched_param priority = {.sched_priority = 50};
  if (late_ns == NULL || due_ns == NULL || sched_setscheduler(0, SCHED_FIFO, &priority) != 0) {
    perror("beside");
    return 69;
  }
  mlockall(MCL_CURRENT | MCL_FUTURE);
  prctl(PR_SET_TIMERSLACK, 1);
  for (int i = 0; i < count; i++) late_ns[i] = due_ns[i] = -1;  // touched: no page fault later
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  int64_t next_ns = now_ns(CLOCK_MONOTONIC) + interval_ns;
  for (int i = 0; i < count; i++, next_ns += interval_ns) {
    const struct itimerspec at = {.it_value = {next_ns / 1000000000, next_ns % 1000000000}};
    uint64_t times;
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL);
    if (read(fd, &times, sizeof times) != sizeof times) return 71;
    late_ns[i] = now_ns(CLOCK_MONOTONIC) - next_ns;
    due_ns[i] = now_ns(CLOCK_REALTIME) - late_ns[i];
  }
  for (int i = 0; i < count; i++) printf("%" PRId64 " %" PRId64 "\n", due_ns[i] / 1000, late_ns[i] / 1000);
  return 0;
}
