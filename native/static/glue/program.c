// Links the program in memory and enters it: fills its import slots, then calls its own entry point.
#include "glue.h"
#include <stdlib.h>
#include <string.h>

extern char **environ;
extern void enter(uintptr_t entry, uintptr_t *stack) __attribute__((noreturn));

// The state in which a kernel starts a program (psABI x86-64, 3.4.1; AAPCS64): no function to call at exit.
#if defined(__x86_64__)
__asm__("enter: mov %rsi, %rsp\n xor %edx, %edx\n xor %ebp, %ebp\n jmp *%rdi\n");
#elif defined(__aarch64__)
__asm__("enter: mov sp, x1\n mov x2, x0\n mov x0, #0\n mov x29, #0\n mov x30, #0\n br x2\n");
#endif

/** Runs the program with an initial stack of its own: argc, argv, NULL, environment, NULL, an empty auxiliary vector. */
void run_program(int argc, char **argv, char **environment) {
  for (const struct slot *slot = glue_slots; slot < glue_slots_end; slot++) *slot->at = slot->value;
  for (const struct copy *copy = glue_copies; copy < glue_copies_end; copy++) memcpy(copy->at, copy->from, copy->size);
  environ = environment;
  size_t variables = 0;
  while (environment[variables] != NULL) variables++;
  const size_t arguments = (size_t)argc;
  // Two words more: the psABI wants the stack pointer at a multiple of 16.
  uintptr_t *stack = __builtin_alloca((arguments + variables + 5 + 2) * sizeof *stack);
  stack = (uintptr_t *)(((uintptr_t)stack + 15) & ~(uintptr_t)15);
  stack[0] = arguments;
  memcpy(stack + 1, argv, arguments * sizeof *argv);
  stack[1 + arguments] = 0;
  memcpy(stack + 2 + arguments, environment, variables * sizeof *environment);
  memset(stack + 2 + arguments + variables, 0, 3 * sizeof *stack);
  enter(glue_program_entry, stack);
}

/** What the program's start code takes for __libc_start_main: libc has been started already, only the program is left. */
int glue_libc_start_main(
  int (*program)(int, char **, char **), int argc, char **argv, void (*init)(int, char **, char **), void (*fini)(void)
) {
  if (fini != NULL) atexit(fini);
  if (init != NULL) {
    init(argc, argv, environ);
  } else {
    // Start code since glibc 2.34 leaves them to the C library.
    for (size_t i = 0; glue_constructors + i < glue_constructors_end; i++) glue_constructors[i](argc, argv, environ);
  }
  exit(program(argc, argv, environ));
}
