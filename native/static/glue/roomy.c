// Which command lines read a configuration, say what they think of it and end: they get settings of their own.
#include "glue.h"
#include <string.h>

static const char *const commands[] = { "check", "convert" };
// keepalived's test of a configuration, by itself or in front of its other options.
static const char *const options[] = { "-t", "--config-test" };

static int is_among(const char *word, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(word, list[i]) == 0) return 1;
  }
  return 0;
}
#define AMONG(word, list) is_among(word, list, sizeof list / sizeof *list)

/** Whether this is one. Only the time that it takes depends on the answer. */
int is_brief(char **argv) {
  return argv[0] != NULL && argv[1] != NULL && (AMONG(argv[1], commands) || AMONG(argv[1], options));
}
