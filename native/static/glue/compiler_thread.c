// The runtime's compiler thread stays: it does not end when it has had no work for a while.
//
// JavaScriptCore ends it after 10 s without work. Whoever has work next starts another and waits until that runs. When
// it was the engine, in real time, it waited for a processor behind everybody's ordinary work: 4 to 8 ms without an
// advert on a busy machine.
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

/** Its name, as the runtime gives it (prctl(2)). */
static const char compiler_thread[] = "JITWorker";
/** It waits this long only for the end of its own idleness; for anything else it waits 0.1 s. */
static const time_t idle_seconds = 5;

static int is_compiler_thread(void) {
  char name[16] = "";
  return prctl(PR_GET_NAME, name) == 0 && strcmp(name, compiler_thread) == 0;
}

/** pthread_cond_timedwait, by CLOCK_REALTIME as the runtime uses it, but the compiler thread waits until it is woken. */
int glue_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  if (until->tv_sec - time(NULL) > idle_seconds && is_compiler_thread()) return pthread_cond_wait(condition, mutex);
  return pthread_cond_timedwait(condition, mutex, until);
}
