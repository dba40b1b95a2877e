// Which command lines get more room before their garbage is collected: all but those that serve the status over HTTP.
#include "glue.h"
#include <string.h>

static const char status[] = "--status";

/** Whether this is one. Only time and memory depend on the answer. */
int wants_room(char **argv) {
  for (char **word = argv; *word != NULL; word++) {
    // With its address behind it or in the next word.
    if (strncmp(*word, status, sizeof status - 1) == 0) return 0;
  }
  return 1;
}
