// reload_time_file: a reload at the time that a file names.
import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DirectoryWatch } from "../../native/inotify.ts";
import type { ReloadSettings } from "../config/daemon.ts";
import type { Log } from "./log.ts";

/** Timers run by another clock than the time of day, which may be set: the way is gone in such steps. */
const LONGEST_STEP_MS = 60_000;

/**
 * The time that a line names, in milliseconds since 1970: HH:MM:SS for the next time that the clock shows it, or
 * [YY]YY-MM-DD HH:MM:SS; Z at the end means UTC, else it is local time. Null: no time, or one that has passed.
 */
export function reloadTimeMs(line: string, nowMs: number): number | null {
  const match = /^(?:(?<year>\d\d(?:\d\d)?)-(?<month>\d\d)-(?<day>\d\d) )?(?<clock>\d\d:\d\d:\d\d)(?<utc>Z?)$/
    .exec(line);
  if (match?.groups === undefined) return null;
  const { year, month, day, clock = "", utc = "" } = match.groups;
  if (month !== undefined && (Number(month) < 1 || Number(month) > 12)) return null;
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const now = new Date(nowMs);
  const date = year === undefined
    ? utc === ""
      ? [now.getFullYear(), now.getMonth(), now.getDate()] as const
      : [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()] as const
    : [Number(year) + (year.length === 2 ? 2000 : 0), Number(month) - 1, Number(day)] as const;
  const at = (later: number) =>
    utc === ""
      ? new Date(date[0], date[1], date[2] + later, hours, minutes, seconds).getTime()
      : Date.UTC(date[0], date[1], date[2] + later, hours, minutes, seconds);
  const time = at(0);
  if (Number.isNaN(time)) return null;
  if (year !== undefined) {
    // The 31st of a shorter month would be the first of the next one.
    const found = utc === "" ? new Date(time).getDate() : new Date(time).getUTCDate();
    return found === date[2] && time > nowMs ? time : null;
  }
  return time > nowMs ? time : at(1);
}

/** Reloads when the file says so, for as long as the settings name one. */
export class ScheduledReloads {
  readonly #reload: () => void;
  readonly #log: Log;
  #settings: ReloadSettings;
  #watch: DirectoryWatch | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** What the file said when it was last read. */
  #line = "";
  #begun = false;

  constructor(settings: ReloadSettings, reload: () => void, log: Log) {
    this.#settings = settings;
    this.#reload = reload;
    this.#log = log;
  }

  /** The daemon runs: the file counts from now on. */
  begin(): void {
    this.#begun = true;
    this.#follow();
  }

  /** After a reload: the directory is looked for anew, even if the name is the same. */
  update(settings: ReloadSettings): void {
    this.#settings = settings;
    if (this.#begun) this.#follow();
  }

  stop(): void {
    this.#begun = false;
    this.#close();
  }

  #close(): void {
    this.#watch?.close();
    this.#watch = null;
    this.#cancel();
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #follow(): void {
    this.#close();
    const { timeFile } = this.#settings;
    if (timeFile === null) return;
    try {
      this.#watch = new DirectoryWatch(() => this.#read(timeFile, false));
      const errno = this.#watch.watch(dirname(timeFile));
      if (errno !== 0) {
        this.#say(`its directory cannot be watched (errno ${errno}): make it and reload`);
      }
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    }
    this.#read(timeFile, true);
  }

  /** `anew`: also when it says the same as before. */
  #read(path: string, anew: boolean): void {
    const line = firstLine(path);
    if (line === this.#line && !anew) return;
    this.#line = line;
    this.#cancel();
    if (line === "") return;
    const time = reloadTimeMs(line, Date.now());
    if (time === null) {
      return this.#say(`"${line}" is no time to come: write HH:MM:SS or YYYY-MM-DD HH:MM:SS, in UTC with Z`);
    }
    this.#log.write("info", `a reload is due at ${new Date(time).toISOString()} (reload_time_file ${path})`);
    this.#wait(path, time);
  }

  #wait(path: string, time: number): void {
    const left = time - Date.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#wait(path, time), Math.min(left, LONGEST_STEP_MS));
      this.#timer.unref();
      return;
    }
    this.#timer = null;
    this.#line = "";
    if (!this.#settings.repeat) this.#remove(path);
    this.#reload();
    // Whether or not the reload is refused, the next day has one, too.
    if (this.#settings.repeat) this.#read(path, true);
  }

  /** A file that stays (a read-only place) is no reason to end: nobody would catch the error of a timer. */
  #remove(path: string): void {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#say(`it cannot be removed (${why}): remove it, or its time counts again`);
    }
  }

  #say(text: string): void {
    this.#log.write("warning", `reload_time_file ${this.#settings.timeFile}: ${text}`);
  }
}

/** The first line without its end; "" when there is none, or no such file. */
function firstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0]!;
  } catch {
    return "";
  }
}
