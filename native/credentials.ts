// Other credentials for the calling thread alone, for the time of one call.
import { CALL, PRCTL } from "./constants.ts";
import { errnoName, lastErrno } from "./errno.ts";
import { libc, systemCall } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

/** A user, its group and all its groups. */
export interface Credentials {
  uid: number;
  gid: number;
  groups: readonly number[];
}

/** Real, effective and saved id. */
type Ids = readonly [number, number, number];

const ID_BYTES = 4;
/** (uid_t) -1 leaves an id as it is (setresuid(2)). */
const UNCHANGED = 0xffff_ffff;

/**
 * Runs `body` with these credentials and puts the thread's own back, also when it throws. In Linux they belong to a
 * thread: the system calls are bare, since those of the C library change every thread. The saved ids stay, which is
 * what leads back; a program that is started meanwhile loses them (execve(2)).
 * Throws an Error with `code` when the kernel refuses.
 */
export function withCredentials<T>({ uid, gid, groups }: Credentials, body: () => T): T {
  const own = { users: readIds(CALL.SYS_getresuid), groups: readIds(CALL.SYS_getresgid), all: readGroups() };
  // The kernel forgets both when the credentials of a thread change.
  const dumpable = libc.prctl(PRCTL.PR_GET_DUMPABLE, 0, 0, 0, 0);
  const deathSignal = readDeathSignal();
  const parent = process.ppid;
  try {
    setGroups(groups);
    setIds(CALL.SYS_setresgid, [gid, gid, UNCHANGED]);
    setIds(CALL.SYS_setresuid, [uid, uid, UNCHANGED]);
    return body();
  } finally {
    // The user first: the others need its rights.
    setIds(CALL.SYS_setresuid, own.users);
    setIds(CALL.SYS_setresgid, own.groups);
    if (dumpable === 1) libc.prctl(PRCTL.PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (deathSignal !== 0) {
      libc.prctl(PRCTL.PR_SET_PDEATHSIG, deathSignal, 0, 0, 0);
      // It has ended meanwhile, unheard.
      if (process.ppid !== parent) process.kill(process.pid, deathSignal);
    }
    setGroups(own.all);
  }
}

function readIds(call: number): Ids {
  const ids = new Memory(3 * ID_BYTES);
  const at = (index: number) => ids.address + index * ID_BYTES;
  check(systemCall(call, at(0), at(1), pointer(at(2))));
  const [real, effective, saved] = [0, 1, 2].map((i) => ids.view.getUint32(i * ID_BYTES, true));
  return [real!, effective!, saved!];
}

function setIds(call: number, [real, effective, saved]: Ids): void {
  check(systemCall(call, real, effective, pointer(saved)));
}

function readGroups(): number[] {
  const count = check(systemCall(CALL.SYS_getgroups, 0, 0));
  const list = new Memory(count * ID_BYTES);
  check(systemCall(CALL.SYS_getgroups, count, list.address));
  return Array.from({ length: count }, (_, i) => list.view.getUint32(i * ID_BYTES, true));
}

function setGroups(groups: readonly number[]): void {
  const list = new Memory(groups.length * ID_BYTES);
  groups.forEach((gid, i) => list.view.setUint32(i * ID_BYTES, gid, true));
  check(systemCall(CALL.SYS_setgroups, groups.length, list.address));
}

function readDeathSignal(): number {
  const signal = new Memory(ID_BYTES);
  libc.prctl(PRCTL.PR_GET_PDEATHSIG, signal.address, 0, 0, 0);
  return signal.view.getInt32(0, true);
}

function check(result: number | bigint): number {
  if (Number(result) >= 0) return Number(result);
  const code = errnoName(lastErrno());
  throw Object.assign(new Error(`credentials were refused (${code})`), { code });
}
