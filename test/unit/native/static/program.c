// A small program for the relinker: everything that Bun has too, in few lines. It prints what it finds.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern char **environ;
static __thread int started = 7;
static __thread char zeroed[40];
static int constructed;

__attribute__((constructor)) static void construct(void) { constructed = 5; }

static void *thread(void *unused) {
  (void)unused;
  started++;
  return (void *)(long)(started * 100 + zeroed[39]);
}

static void at_exit(void) { puts("at exit"); }

int main(int argc, char **argv) {
  pthread_t other;
  void *result = NULL;
  pthread_create(&other, NULL, thread, NULL);
  pthread_join(other, &result);
  struct stat status;
  int (*absolute)(int) = (int (*)(int))dlsym(dlopen("libc.so.6", RTLD_NOW), "abs");
  fprintf(stdout, "%d %s %d %d %ld %d\n", argc, argv[argc - 1], constructed, started, (long)result, stat("/", &status));
  fprintf(stdout, "abs %d, none %d, library %d\n", absolute == NULL ? 0 : absolute(-3),
          dlsym(RTLD_DEFAULT, "labs") != NULL, dlopen("./libc.so.6.txt/libother.so", RTLD_NOW) != NULL);
  for (char **variable = environ; *variable != NULL; variable++) {
    if (strchr(*variable, '_') != NULL) puts(*variable);
  }
  setenv("LATER", "yes", 1);
  printf("%s\n", getenv("LATER"));
  atexit(at_exit);
  return 9;
}
