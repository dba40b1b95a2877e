// Whether this process may leave a core dump.
import { RESOURCE, SYSCALL } from "./constants.ts";
import { errnoName, lastErrno } from "./errno.ts";
import { RLIMIT } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory } from "./memory.ts";

/** setrlimit(2): no limit. */
const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

/** Lets core dumps of any size be written, of children too. Returns null, or a sentence that says why it was refused. */
export function unlimitCoreDumps(): string | null {
  const limit = new Memory(RLIMIT.size);
  limit.view.setBigUint64(RLIMIT.at.rlim_cur, RLIM_INFINITY, true);
  limit.view.setBigUint64(RLIMIT.at.rlim_max, RLIM_INFINITY, true);
  const number = SYSCALL[process.arch === "arm64" ? "arm64" : "x64"].SYS_setrlimit;
  if (Number(libc.syscall(number, RESOURCE.RLIMIT_CORE, BigInt(limit.address), null)) >= 0) return null;
  return `core dumps were refused (setrlimit: ${
    errnoName(lastErrno())
  }): run as root, or set LimitCORE=infinity`;
}
