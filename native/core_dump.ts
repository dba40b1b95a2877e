// Whether this process may leave a core dump.
import { RESOURCE, RLIM_INFINITY } from "./constants.ts";
import { errnoName, lastErrno } from "./errno.ts";
import { RLIMIT } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

/** Lets core dumps of any size be written, of children too. Returns null, or a sentence that says why it was refused. */
export function unlimitCoreDumps(): string | null {
  const limit = new Memory(RLIMIT.size);
  limit.view.setBigUint64(RLIMIT.at.rlim_cur, RLIM_INFINITY, true);
  limit.view.setBigUint64(RLIMIT.at.rlim_max, RLIM_INFINITY, true);
  if (libc.setrlimit(RESOURCE.RLIMIT_CORE, pointer(limit.address)) >= 0) return null;
  return `core dumps were refused (setrlimit: ${
    errnoName(lastErrno())
  }): run as root, or set LimitCORE=infinity`;
}
