// The C library, found on glibc and musl alike.
import { dlopen, type Pointer } from "bun:ffi";
import { LIBC_FUNCTIONS } from "./functions.ts";

function open(name: string) {
  return dlopen(name, LIBC_FUNCTIONS).symbols;
}

type Libc = ReturnType<typeof open>;

/**
 * The names under which a C library may be found, most likely first. musl's loader answers to all of its
 * own names with itself.
 */
export function libcNames(arch: string): string[] {
  const machine = arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${machine}.so.1`, `/lib/ld-musl-${machine}.so.1`, "libc.so"];
}

/**
 * Opens the first C library of `names` that has every function of the table.
 * Throws an Error of one sentence if there is none.
 */
export function openLibc(names: readonly string[]): { symbols: Libc; name: string } {
  const failures: string[] = [];
  for (const name of names) {
    try {
      return { symbols: open(name), name };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (failures.some((text) => text.includes("JIT"))) {
    throw new Error(
      "the C library cannot be called because memory may not be made executable here: " +
        "remove MemoryDenyWriteExecute= from the service unit (and BUN_JSC_useJIT=0 from the environment)",
    );
  }
  const reason = failures.find((text) => !text.includes("o such file")) ?? failures[0] ?? "no name to try";
  throw new Error(
    `no C library was found under ${names.join(", ")} (${reason}): install glibc 2.17 or newer, or musl`,
  );
}

const opened = openLibc(libcNames(process.arch));

/** The functions. Called with plain numbers, and with `pointer()` of memory.ts for addresses. */
export const libc: Libc = opened.symbols;
/** The name under which the C library was found. */
export const libcName: string = opened.name;

/**
 * A system call that the C library has no function for (syscall(2)): its number and arguments, of which the third may
 * be an address. Returns what the function returns: -1 where it is refused, with errno.
 */
export function systemCall(
  number: number,
  first: number,
  second: number,
  third: Pointer | null = null,
  fourth = 0,
): number {
  return Number(libc.syscall(number, first, second, third, fourth, 0, 0));
}
