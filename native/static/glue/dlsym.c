// dlopen and dlsym: there is one library, the C library inside this file; nothing is ever loaded from outside.
#include "glue.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static __thread const char *problem;

/** The names under which src and the runtime ask for the C library; a path is judged by its last part, never opened. */
static int is_libc(const char *name) {
  static const char *const libraries[] = { "libc.", "libm.", "libpthread.", "libdl." };
  const char *slash = strrchr(name, '/');
  if (slash != NULL) name = slash + 1;
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    if (strncmp(name, libraries[i], strlen(libraries[i])) == 0) return 1;
  }
  return 0;
}

void *dlopen(const char *name, int flags) {
  (void)flags;
  if (name == NULL || is_libc(name)) return (void *)glue_names;
  problem = "this is the static executable, it can open the C library only";
  return NULL;
}

/** Binary search: the list is sorted by bytes. BATON_STATIC_DEBUG in the environment shows what is not found. */
void *dlsym(void *restrict library, const char *restrict name) {
  (void)library;
  const struct name *low = glue_names, *high = glue_names_end;
  while (low < high) {
    const struct name *middle = low + (high - low) / 2;
    const int order = strcmp(name, middle->name);
    if (order == 0) return middle->address;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  if (getenv("BATON_STATIC_DEBUG") != NULL) dprintf(STDERR_FILENO, "baton: dlsym %s: not in this executable\n", name);
  problem = "this is the static executable, and this name is not in it";
  return NULL;
}

void *dlvsym(void *restrict library, const char *restrict name, const char *restrict version) {
  (void)version;
  return dlsym(library, name);
}

int dlclose(void *library) {
  (void)library;
  return 0;
}

char *dlerror(void) {
  const char *text = problem;
  problem = NULL;
  return (char *)text;
}

/** Which library an address is in: the runtime asks for its crash reports, and copes with not knowing. */
int dladdr(const void *address, Dl_info *info) {
  (void)address, (void)info;
  return 0;
}
