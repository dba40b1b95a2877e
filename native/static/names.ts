// The names that dlsym must answer: those of the FFI tables in native/, read from there, and those of the runtime.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { LIBC_FUNCTIONS } from "../functions.ts";
import { BuildProblem } from "./problem.ts";

const ROOT = join(import.meta.dir, "../..");
/** The one table of functions, and the one file that opens a library with it. */
const TABLE = "native/functions.ts";
const OPENER = "native/libc.ts";

/**
 * What the runtime looks up by itself: destructors of threads, the size of their stacks, the ends of the process.
 * Found with BATON_STATIC_DEBUG=1; tests hold that nothing else is looked up. Without quick_exit it crashes.
 */
export const RUNTIME_LOOKUPS = ["__cxa_thread_atexit_impl", "__pthread_get_minstack", "exit", "quick_exit"];

/** What the runtime looks up to see whether it runs under a sanitizer: absent on purpose. */
export const MEANT_TO_BE_ABSENT = ["__asan_init", "__tsan_init"];

/** All names for dlsym, sorted by bytes. Throws a BuildProblem if a file beside native/libc.ts opens a library. */
export function dlsymNames(more: readonly string[] = []): string[] {
  const others = [...new Bun.Glob("{src,native}/**/*.ts").scanSync(ROOT)]
    .filter((file) => relative(".", file) !== OPENER)
    .filter((file) => callsDlopen(readFileSync(join(ROOT, file), "utf8")));
  if (others.length > 0) {
    throw new BuildProblem(
      `${others.sort()[0]} opens a library, the static executable would not know its functions: ` +
        `add them to the table in ${TABLE}`,
    );
  }
  return [...new Set([...Object.keys(LIBC_FUNCTIONS), ...RUNTIME_LOOKUPS, ...more])].sort();
}

/** Whether TypeScript text imports dlopen or linkSymbols of bun:ffi, or all of it under a name. */
export function callsDlopen(text: string): boolean {
  return /import\s*(?:\*|\{[^}]*\b(?:dlopen|linkSymbols|cc)\b[^}]*\})[^;]*from\s*"bun:ffi"/.test(text);
}
