// A named pipe that is written without ever waiting: made if missing, opened for both directions (fifo(7)).
import { constants, fchmodSync, fchownSync, fstatSync, lstatSync, rmSync } from "node:fs";
import type { Identity } from "./child.ts";
import { FCNTL } from "./constants.ts";
import { closeDescriptor, openFile, waitReadable, writeFrom } from "./descriptor.ts";
import { ERRNO, lastErrno, SyscallError } from "./errno.ts";
import { libc } from "./libc.ts";
import { Memory } from "./memory.ts";

/** Atomic up to here: a longer line could be mixed with others (limits.h: PIPE_BUF). */
const PIPE_BUF = 4096;
/** Whoever may read could take lines away from the reader that is meant. */
const OWNER_ONLY = 0o600;
const OWNER_AND_GROUP = 0o640;
/** fcntl.h; its value differs between machines, so the runtime says it. */
const { O_NOFOLLOW } = constants;

/** An open FIFO. It is readable for us too, so that a write never fails for want of a reader. */
export class Fifo {
  readonly path: string;
  readonly #made: boolean;
  readonly #memory = new Memory(PIPE_BUF);
  #fd: number;

  private constructor(path: string, fd: number, made: boolean) {
    this.path = path;
    this.#fd = fd;
    this.#made = made;
  }

  /**
   * Opens the FIFO at `path`, which is made if it is missing and then given to `owner` (null: it stays ours);
   * `groupReads`: its group may read as well.
   * One that is there must be a FIFO of ours, of root or of `owner`: another's could be swapped for anything.
   * Throws SyscallError, or an Error of one sentence.
   */
  static open(path: string, owner: Identity | null, groupReads: boolean): Fifo {
    const tried = `open the FIFO ${path}`;
    const made = libc.mkfifo(new TextEncoder().encode(`${path}\0`), OWNER_ONLY) === 0;
    const errno = made ? 0 : lastErrno();
    if (!made && errno !== ERRNO.EEXIST) {
      const advice = errno === ERRNO.ENOENT ? "make its directory first" : "name a path where it can be made";
      throw new SyscallError({ call: "mkfifo", errno, tried: `make the FIFO ${path}`, advice });
    }
    const flags = FCNTL.O_RDWR | FCNTL.O_NONBLOCK | FCNTL.O_CLOEXEC | O_NOFOLLOW;
    const fd = openFor(path, flags, tried);
    try {
      const info = fstatSync(fd);
      if (!info.isFIFO()) throw new Error(`${path} is no FIFO: delete it, or name another path`);
      if (![0, process.geteuid?.() ?? 0, owner?.uid ?? 0].includes(info.uid)) {
        throw new Error(
          `the FIFO ${path} belongs to uid ${info.uid}: delete it, or name that user behind the path`,
        );
      }
      if (made) give(fd, owner, groupReads);
      return new Fifo(path, fd, made);
    } catch (error) {
      closeDescriptor(fd);
      if (made) rmSync(path, { force: true });
      throw error;
    }
  }

  /** Changes the owner of a FIFO that was made here, as `open`. Throws an Error of the file system. */
  give(owner: Identity | null, groupReads: boolean): void {
    if (this.#made) give(this.#fd, owner, groupReads);
  }

  /** Writes `line` whole, or nothing: false when there is no room, and for a line above 4096 bytes. Never waits. */
  write(line: string): boolean {
    const bytes = new TextEncoder().encode(line);
    if (this.#fd < 0 || bytes.length > PIPE_BUF) return false;
    this.#memory.bytes.set(bytes);
    return writeFrom(this.#fd, this.#memory, 0, bytes.length) === bytes.length;
  }

  /** Whether nobody has read all of it yet. What is inside goes when the last one closes it. */
  get pending(): boolean {
    return this.#fd >= 0 && waitReadable(this.#fd, 0);
  }

  /** Whether the path still names this FIFO. */
  get inPlace(): boolean {
    try {
      const named = lstatSync(this.path);
      const held = fstatSync(this.#fd);
      return named.ino === held.ino && named.dev === held.dev;
    } catch {
      // Nothing is there, or nobody can tell (a link in the way that leads to itself).
      return false;
    }
  }

  /** Readers get what is still inside, then the end of the file. */
  close(): void {
    closeDescriptor(this.#fd);
    this.#fd = -1;
  }

  /** Removes the path if it was made here. Throws an Error of the file system. */
  unlink(): void {
    if (this.#made) rmSync(this.path, { force: true });
  }
}

/** By the descriptor: whoever may write the directory could have put a link to another file in its place. */
function give(fd: number, owner: Identity | null, groupReads: boolean): void {
  const { uid, gid } = owner ?? { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  fchownSync(fd, uid, gid);
  fchmodSync(fd, groupReads ? OWNER_AND_GROUP : OWNER_ONLY);
}

function openFor(path: string, flags: number, tried: string): number {
  try {
    return openFile(path, flags, 0, tried, "delete it, or name another path");
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ERRNO.ELOOP) {
      throw new Error(`${path} is a symbolic link, which is not followed: name the FIFO itself`);
    }
    throw error;
  }
}
