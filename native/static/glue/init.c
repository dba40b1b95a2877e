// Process 1: mounts what the runtime needs, starts the program as its child, reaps, forwards signals.
//
// In the initial PID namespace this is the machine's init: it never ends. In another one (a container) it ends
// with the program and its exit code. README.md says which signal does what.
#include "glue.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/** PROC_PID_INIT_INO of include/linux/proc_ns.h: the inode of the initial PID namespace. */
#define INITIAL_NAMESPACE 0xEFFFFFFCu
/** Seconds: between a death and the next start; for a clean end before SIGKILL; for other processes to end. */
enum { RESTART_S = 1, STOP_S = 15, OTHERS_S = 2 };

static int is_machine; // the init of a machine, not of a container

__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...) {
  char text[160];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  dprintf(STDERR_FILENO, "baton: init: %s\n", text);
}

/** A /proc that cannot be mounted is said by start.c. */
static void mount_missing(const char *type, const char *directory, const char *sign) {
  if (access(sign, F_OK) == 0) return;
  mkdir(directory, 0755);
  if (mount(type, directory, type, 0, NULL) != 0 && is_machine) say("%s cannot be mounted: %s", directory, strerror(errno));
}

/** Before anything else in process 1. Only the init of a machine mounts more than /proc and takes the console. */
void prepare_machine(void) {
  mount_missing("proc", "/proc", "/proc/self/maps");
  struct stat namespace;
  is_machine = stat("/proc/self/ns/pid", &namespace) == 0 && namespace.st_ino == INITIAL_NAMESPACE;
  if (!is_machine) return;
  mount_missing("sysfs", "/sys", "/sys/kernel");
  mount_missing("devtmpfs", "/dev", "/dev/urandom");
  // An initramfs without /dev/console starts with nothing open.
  while (fcntl(STDERR_FILENO, F_GETFD) < 0) {
    if (open("/dev/console", O_RDWR | O_NOCTTY) < 0 && open("/dev/null", O_RDWR) < 0) break;
  }
  // Ctrl-Alt-Del becomes a SIGINT to this process.
  reboot(RB_DISABLE_CAD);
}

static struct timespec after(int seconds) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += seconds;
  return end;
}

/** The next signal before `end` (NULL: however long it takes); 0 when the time is over. */
static int next_signal(const sigset_t *signals, const struct timespec *end) {
  for (;;) {
    struct timespec left, now;
    if (end != NULL) {
      clock_gettime(CLOCK_MONOTONIC, &now);
      left.tv_sec = end->tv_sec - now.tv_sec;
      left.tv_nsec = end->tv_nsec - now.tv_nsec;
      if (left.tv_nsec < 0) left.tv_sec--, left.tv_nsec += 1000000000;
      if (left.tv_sec < 0) return 0;
    }
    const int signal = sigtimedwait(signals, NULL, end == NULL ? NULL : &left);
    if (signal > 0) return signal;
    if (errno == EAGAIN) return 0;
  }
}

/** Reaps everything that has ended. True when `child` was among it, with its status; ECHILD: nobody is left. */
static int reap(pid_t child, int *status) {
  int found = 0, each;
  pid_t pid;
  while ((pid = waitpid(-1, &each, WNOHANG)) > 0) {
    if (pid == child) *status = each, found = 1;
  }
  return found;
}

/** SIGTERM, SIGINT and SIGPWR end the machine; what it then does, else 0. */
static int ending(int signal) {
  if (!is_machine) return 0;
  if (signal == SIGPWR) return RB_POWER_OFF;
  return signal == SIGTERM || signal == SIGINT ? RB_AUTOBOOT : 0;
}

/** The last act of a machine. */
static void end_machine(int how, const sigset_t *signals) {
  say("the machine %s", how == RB_POWER_OFF ? "powers off" : "restarts");
  kill(-1, SIGTERM);
  const struct timespec end = after(OTHERS_S);
  int status;
  do reap(0, &status);
  while (waitpid(-1, NULL, WNOHANG) == 0 && next_signal(signals, &end) != 0);
  kill(-1, SIGKILL);
  sync();
  reboot(how);
  say("the machine cannot be stopped (%s): switch it off", strerror(errno));
  for (;;) reap(0, &status), next_signal(signals, NULL);
}

/** Watches over `child` until it has ended. Returns its status; `how` becomes what the machine is to do then. */
static int watch(pid_t child, const sigset_t *signals, int *how) {
  struct timespec limit;
  int status = 0;
  for (;;) {
    const int signal = next_signal(signals, *how == 0 ? NULL : &limit);
    if (signal == 0) {
      say("the program did not end within %d s and is killed", STOP_S);
      kill(child, SIGKILL);
      limit = after(STOP_S);
    } else if (signal == SIGCHLD) {
      if (reap(child, &status)) return status;
    } else if (ending(signal) != 0) {
      if (*how == 0) {
        limit = after(STOP_S);
        kill(child, SIGTERM);
      }
      *how = ending(signal);
    } else {
      kill(child, signal);
    }
  }
}

/** The child leads a group of its own, in front of the terminal if there is one, so that Ctrl-C reaches it once. */
static void lead(void) {
  if (is_machine) {
    setsid();
  } else {
    setpgid(0, 0);
    tcsetpgrp(STDIN_FILENO, getpid());
  }
}

/** Makes this process the init of its PID namespace. Returns only in the child, with the mark that src/cli/init.ts reads. */
const char *become_init(void) {
  sigset_t signals, before;
  sigfillset(&signals);
  // Faults of this process itself are no messages.
  static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&signals, faults[i]);
  sigprocmask(SIG_SETMASK, &signals, &before);
  for (;;) {
    int how = 0, status;
    const pid_t child = fork();
    if (child == 0) {
      lead(); // while SIGTTOU is blocked
      sigprocmask(SIG_SETMASK, &before, NULL);
      return is_machine ? "BATON_INIT=machine" : "BATON_INIT=container";
    }
    if (child > 0) {
      status = watch(child, &signals, &how);
      if (!is_machine) _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
      if (how != 0) end_machine(how, &signals);
      if (WIFEXITED(status)) say("the program has ended with exit code %d and is started again", WEXITSTATUS(status));
      else say("the program has died of signal %d and is started again", WTERMSIG(status));
    } else {
      say("the program cannot be started: %s", strerror(errno));
      if (!is_machine) _exit(126);
    }
    const struct timespec end = after(RESTART_S);
    for (int signal; (signal = next_signal(&signals, &end)) != 0;) {
      if (signal == SIGCHLD) reap(0, &status);
      if (ending(signal) != 0) end_machine(ending(signal), &signals);
    }
  }
}
