// Kernel parameters that the configuration asks for: what was there before is recorded, and put back at the end.
//
// Wanted state by owner: two instances may want the same parameter, and the last one that leaves restores it. The
// record is written here and not by the control thread, because it has to be on disk before the change; that
// happens at a start, a reload and when an interface appears, never in steady state.
import { readSysctl, writeSysctl } from "../../native/sysctl.ts";
import type { SysctlSetting } from "../messages.ts";
import { type KeptSysctl, putBack, restoreRecord, writeSysctlRecord } from "./sysctl_record.ts";

/** All parameters that this process has changed. */
export class Sysctls {
  #file = "";
  readonly #warn: (text: string) => void;
  readonly #wanted = new Map<string, readonly SysctlSetting[]>();
  /** Changed by us, by path. */
  readonly #kept = new Map<string, KeptSysctl>();
  /** Had the wanted value already, or the kernel refused it: nothing to do or undo. */
  readonly #settled = new Map<string, string>();
  /** Something is wanted of an interface that is not there. */
  #missing = false;

  /** `warn` hears of what the kernel refuses. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Where the record is; to be called before anything else. */
  keepRecord(file: string): void {
    this.#file = file;
  }

  /** Puts back what an earlier run has left changed; to be called before anything is wanted. */
  restoreLeftovers(): string[] {
    return restoreRecord(this.#file);
  }

  /**
   * States all that one owner wants from now on; what it wanted before and nobody else does is put back. Of two
   * owners that want different values the later one counts. An interface that is missing gets its values when
   * `retry` finds it.
   */
  want(owner: string, settings: readonly SysctlSetting[]): void {
    this.wantAll(new Map([[owner, settings]]));
  }

  /** The same for several owners: the record is written once for all of them. */
  wantAll(wanted: ReadonlyMap<string, readonly SysctlSetting[]>): void {
    let changed = false;
    for (const [owner, settings] of wanted) {
      changed ||= settings.length > 0 || this.#wanted.has(owner);
      if (settings.length > 0) this.#wanted.set(owner, settings);
      else this.#wanted.delete(owner);
    }
    if (changed) this.#settle();
  }

  /** The owner wants nothing any more. */
  release(owner: string): void {
    this.want(owner, []);
  }

  /** Puts everything back. */
  releaseAll(): void {
    this.#wanted.clear();
    this.#settle();
  }

  /** An interface is gone, and its parameters with it. */
  interfaceGone(name: string): void {
    const gone = (path: string) => path.split("/")[3] === name;
    let changed = false;
    for (const path of this.#kept.keys()) if (gone(path)) changed = this.#kept.delete(path) || changed;
    for (const path of this.#settled.keys()) if (gone(path)) this.#settled.delete(path);
    for (const settings of this.#wanted.values()) {
      if (settings.some((s) => gone(s.path))) this.#missing = true;
    }
    if (changed) this.#record();
  }

  /** An interface has another name, and its parameters have it too: what was changed is put back there. */
  interfaceRenamed(from: string, to: string): void {
    for (const [path, entry] of [...this.#kept]) {
      const words = path.split("/");
      if (words[3] !== from) continue;
      words[3] = to;
      this.#kept.delete(path);
      this.#kept.set(words.join("/"), { ...entry, path: words.join("/") });
    }
    for (const path of this.#settled.keys()) if (path.split("/")[3] === from) this.#settled.delete(path);
    this.#settle();
  }

  /** An interface has come: what was missing may be there now. */
  retry(): void {
    if (this.#missing) this.#settle();
  }

  #settle(): void {
    const target = new Map([...this.#wanted.values()].flat().map(({ path, value }) => [path, value]));
    const restored = [...this.#kept.values()].filter(({ path }) => !target.has(path));
    for (const entry of restored) {
      putBack(entry);
      this.#kept.delete(entry.path);
    }
    for (const path of this.#settled.keys()) if (!target.has(path)) this.#settled.delete(path);
    this.#missing = false;
    const changes: SysctlSetting[] = [];
    for (const [path, value] of target) {
      const kept = this.#kept.get(path);
      if (kept?.value === value || this.#settled.get(path) === value) continue;
      const now = readSysctl(path);
      if (now === null) this.#missing = true;
      else if (now === value && kept === undefined) this.#settled.set(path, value);
      else {
        this.#kept.set(path, { path, before: kept?.before ?? now, value });
        this.#settled.delete(path);
        changes.push({ path, value });
      }
    }
    if (restored.length + changes.length > 0) this.#record();
    const refused = changes.filter((change) => this.#refused(change));
    if (refused.length > 0) this.#record();
  }

  #refused({ path, value }: SysctlSetting): boolean {
    const why = writeSysctl(path, value);
    if (why === null) return false;
    this.#kept.delete(path);
    this.#settled.set(path, value);
    this.#warn(`${path} cannot be set to ${value}: ${why}`);
    return true;
  }

  #record(): void {
    const error = writeSysctlRecord(this.#file, [...this.#kept.values()]);
    if (error !== null) this.#warn(error);
  }
}
