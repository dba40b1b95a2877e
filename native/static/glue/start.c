// The first steps of the static executable: the kernel starts it here, and it ends by running the program.
//
// _start_static (kernel) -> libc's own start -> main -> the program's entry -> glue_libc_start_main -> its main.
#include "glue.h"
#include <elf.h>
#include <unistd.h>

// glibc's own copy of AT_PHDR and AT_PHNUM, which it sets only where it believes the kernel.
extern const void *_dl_phdr;
extern size_t _dl_phnum;

// The initial stack is the argument (psABI x86-64, 3.4.1 "Initial Stack and Register State"; AAPCS64).
#if defined(__x86_64__)
__asm__(".globl _start_static\n_start_static: mov %rsp, %rdi\n mov %rsp, %rbx\n and $-16, %rsp\n call correct_headers\n"
        " mov %rbx, %rsp\n xor %edx, %edx\n xor %ebp, %ebp\n jmp _start\n");
#elif defined(__aarch64__)
__asm__(".globl _start_static\n_start_static: mov x0, sp\n bl correct_headers\n"
        " mov x0, #0\n mov x29, #0\n mov x30, #0\n b _start\n");
#endif

/**
 * Kernels before 5.18 compute AT_PHDR as if the program headers followed the ELF header. This runs before the C
 * library: no call, no thread-local variable, and no loop that the compiler may turn into memset.
 */
__attribute__((used, noinline, optimize("no-tree-loop-distribute-patterns", "no-stack-protector")))
void correct_headers(uintptr_t *stack) {
  _dl_phdr = (const void *)glue_headers_at;
  _dl_phnum = glue_headers;
  uintptr_t *word = stack + stack[0] + 2;
  while (*word != 0) word++;
  for (word++; word[0] != AT_NULL; word += 2) {
    if (word[0] == AT_PHDR) word[1] = glue_headers_at;
    if (word[0] == AT_PHNUM) word[1] = glue_headers;
  }
}

/** The runtime finds its stack in /proc/self/maps and would abort without a word. */
static void require_proc(void) {
  static const char text[] = "baton: /proc is not mounted, without it this program cannot start: mount -t proc proc /proc\n";
  if (access("/proc/self/maps", F_OK) == 0) return;
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(127);
  _exit(127);
}

int main(int argc, char **argv, char **environment) {
  const int is_init = getpid() == 1;
  if (is_init) prepare_machine();
  require_proc();
  const char *mark = is_init ? become_init() : NULL; // returns in its child only
  // Signals that the runtime must find blocked or ignored in all of its threads would be set here.
  use_own_name_services();
  run_program(argc, argv, clean_environment(environment, mark, wants_room(argv)));
}
