// What the files of the glue know of each other, and of the table that the build generates (../table.ts).
#pragma once
#include <stddef.h>
#include <stdint.h>

// From table.ts. Each list ends where its _end symbol is.
extern const struct slot { uintptr_t *at, value; } glue_slots[], glue_slots_end[];
extern const struct copy { void *at; const void *from; size_t size; } glue_copies[], glue_copies_end[];
extern const struct name { const char *name; void *address; } glue_names[], glue_names_end[];
extern void (*const glue_constructors[])(int, char **, char **), (*const glue_constructors_end[])(int, char **, char **);
extern char *const glue_baked[], *const glue_baked_end[], *const glue_roomy[], *const glue_roomy_end[];
extern const uintptr_t glue_headers_at, glue_headers, glue_program_entry;

// environment.c
char **clean_environment(char **environment, const char *mark, int roomy);
// init.c
void prepare_machine(void);
const char *become_init(void);
// name_services.c
void use_own_name_services(void);
// program.c
void run_program(int argc, char **argv, char **environment) __attribute__((noreturn));
// roomy.c
int wants_room(char **argv);
