// The environment of the runtime: without what would change how it works, with what the build has baked in.
#include "glue.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Variables of the runtime and of what is linked into it (JavaScriptCore, libuv's shim, mimalloc), and our own mark.
static const char *const dropped[] = { "BUN_", "NODE_", "UV_", "MIMALLOC_", "BATON_INIT=" };
// Names of machines, not of Node.js: Kubernetes users give them to their configurations.
static const char *const kept[] = { "NODE_NAME=", "NODE_IP=" };

static int begins(const char *text, const char *const *with, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strncmp(text, with[i], strlen(with[i])) == 0) return 1;
  }
  return 0;
}
#define BEGINS(text, list) begins(text, list, sizeof list / sizeof *list)

/** The list to use instead of `environment`. `mark`: a variable to add, or NULL; `roomy`: with those of ROOMY_ENVIRONMENT. */
char **clean_environment(char **environment, const char *mark, int roomy) {
  size_t count = 0;
  while (environment[count] != NULL) count++;
  char **clean = malloc((count + (size_t)(glue_baked_end - glue_baked) + (size_t)(glue_roomy_end - glue_roomy) + 2) * sizeof *clean);
  if (clean == NULL) {
    static const char text[] = "baton: there is no memory left to start with: free some\n";
    _exit(write(STDERR_FILENO, text, sizeof text - 1) < 0 ? 126 : 127);
  }
  char **next = clean;
  for (char **variable = environment; *variable != NULL; variable++) {
    if (!BEGINS(*variable, dropped) || BEGINS(*variable, kept)) *next++ = *variable;
  }
  for (char *const *baked = glue_baked; baked < glue_baked_end; baked++) *next++ = *baked;
  for (char *const *more = glue_roomy; roomy && more < glue_roomy_end; more++) *next++ = *more;
  if (mark != NULL) *next++ = (char *)mark;
  *next = NULL;
  return clean;
}
