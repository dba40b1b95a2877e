// inotify(7): directories whose files change.
import { INOTIFY } from "./constants.ts";
import { closeDescriptor, readInto } from "./descriptor.ts";
import { lastErrno, SyscallError } from "./errno.ts";
import { INOTIFY_EVENT } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory } from "./memory.ts";
import { onReadable } from "./readable.ts";

/** What a reader of files wants to know: a file is complete, has come, or has gone. */
const CHANGES = INOTIFY.IN_CLOSE_WRITE | INOTIFY.IN_CREATE | INOTIFY.IN_DELETE | INOTIFY.IN_MOVED_TO |
  INOTIFY.IN_MOVED_FROM | INOTIFY.IN_DELETE_SELF | INOTIFY.IN_MOVE_SELF | INOTIFY.IN_ONLYDIR;
/** The directory is not where it was: its watch is of no use any more. */
const LOST = INOTIFY.IN_DELETE_SELF | INOTIFY.IN_MOVE_SELF | INOTIFY.IN_IGNORED;

/** Watches directories. */
export class DirectoryWatch {
  readonly #fd: number;
  readonly #end: () => void;
  readonly #memory = new Memory(16_384);
  readonly #directories = new Map<number, string>();
  readonly #changed: (lost: string[]) => void;

  /**
   * `changed` is called after something has happened in a watched directory; `lost` are those that have gone or
   * moved and are not watched any more. Throws SyscallError.
   */
  constructor(changed: (lost: string[]) => void) {
    this.#changed = changed;
    this.#fd = libc.inotify_init1(INOTIFY.IN_CLOEXEC | INOTIFY.IN_NONBLOCK);
    if (this.#fd < 0) {
      throw new SyscallError({
        call: "inotify_init1",
        errno: lastErrno(),
        tried: "watch files",
        advice: "raise fs.inotify.max_user_instances",
      });
    }
    this.#end = onReadable(this.#fd, () => this.#read());
  }

  /** Watches a directory. Returns 0 or the errno (there is none of that name, the limit is reached, ...). */
  watch(directory: string): number {
    const path = new TextEncoder().encode(`${directory}\0`);
    const watch = libc.inotify_add_watch(this.#fd, path, CHANGES);
    if (watch < 0) return lastErrno();
    this.#directories.set(watch, directory);
    return 0;
  }

  close(): void {
    this.#end();
    closeDescriptor(this.#fd);
  }

  #read(): void {
    const { bytes, view } = this.#memory;
    const lost = new Set<string>();
    let events = 0;
    for (;;) {
      const length = readInto(this.#fd, this.#memory, 0, bytes.length);
      if (length <= 0) break;
      for (let at = 0; at < length; events++) {
        const watch = view.getInt32(at + INOTIFY_EVENT.at.wd, true);
        const directory = this.#directories.get(watch);
        if ((view.getUint32(at + INOTIFY_EVENT.at.mask, true) & LOST) !== 0 && directory !== undefined) {
          lost.add(directory);
          this.#directories.delete(watch);
          libc.inotify_rm_watch(this.#fd, watch);
        }
        at += INOTIFY_EVENT.size + view.getUint32(at + INOTIFY_EVENT.at.len, true);
      }
    }
    if (events > 0) this.#changed([...lost]);
  }
}
