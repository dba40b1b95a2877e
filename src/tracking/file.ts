// Files that hold a number: read at start, and again whenever something happens in their directories.
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DirectoryWatch } from "../../native/inotify.ts";

/** How long until a directory that does not exist is looked for again. */
const RETRY_MS = 1000;
/** Longer than any number. */
const READ_BYTES = 128;
/** Sums of priorities stay exact; keepalived reads a C int. */
const LARGEST = 0x7fff_ffff;

/** A file to follow. */
export interface NumberFile {
  name: string;
  path: string;
  /** What it is made with at start, over an old one or not; null = it is not made. */
  init: { value: number; overwrite: boolean } | null;
}

/**
 * The number that a text begins with, as strtol(3) with base 0 has it: decimal, 0x hexadecimal, 0 octal. A text
 * without one is 0.
 */
export function readNumber(text: string): number {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
  if (match === null) return 0;
  const [, sign = "", digits = "0"] = match;
  const base = /^0x/i.test(digits) ? 16 : digits.startsWith("0") ? 8 : 10;
  const value = Math.min(LARGEST, Number.parseInt(digits.replace(/^0x/i, ""), base));
  return sign === "-" && value !== 0 ? -value : value;
}

/** The number in a file; 0 if there is no such file, it cannot be read, or it holds none. Never waits. */
export function readFileNumber(path: string): number {
  let fd: number;
  try {
    // O_NONBLOCK: a FIFO without a writer opens too.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 0;
  }
  try {
    if (!fstatSync(fd).isFile()) return 0;
    const bytes = new Uint8Array(READ_BYTES);
    return readNumber(new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes, 0, READ_BYTES, 0))));
  } catch {
    return 0;
  } finally {
    closeSync(fd);
  }
}

/**
 * init_file: makes the file with its first value, over an old one only if the configuration says so. A link is not
 * followed. Returns null, or why it could not be written.
 */
export function initFile({ name, path, init }: NumberFile): string | null {
  if (init === null) return null;
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW } = constants;
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (init.overwrite ? O_TRUNC : O_EXCL);
  try {
    const fd = openSync(path, flags, 0o644);
    writeSync(fd, `${init.value}\n`);
    closeSync(fd);
    return null;
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return null;
    return `track_file ${name}: ${path} cannot be written (${code}); check that its directory exists`;
  }
}

/** Follows the files of one configuration. */
export class FileTracker {
  readonly #files: readonly NumberFile[];
  readonly #onValue: (name: string, value: number) => void;
  readonly #log: (text: string) => void;
  readonly #values = new Map<string, number>();
  readonly #watch: DirectoryWatch | null;
  readonly #missing = new Set<string>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #polled = false;

  /** The values are known when it returns; `onValue` tells of changes. */
  constructor(
    files: readonly NumberFile[],
    onValue: (name: string, value: number) => void,
    log: (text: string) => void,
  ) {
    this.#files = files;
    this.#onValue = onValue;
    this.#log = log;
    this.#watch = files.length === 0 ? null : this.#open();
    for (const { path } of files) this.#missing.add(dirname(path));
    this.#watchMissing();
    for (const { name, path } of files) this.#values.set(name, readFileNumber(path));
  }

  /** The numbers by the names of the track_file blocks. */
  get values(): ReadonlyMap<string, number> {
    return this.#values;
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#watch?.close();
  }

  #open(): DirectoryWatch | null {
    try {
      return new DirectoryWatch((lost) => {
        for (const directory of lost) this.#missing.add(directory);
        this.#watchMissing();
        this.#readAll();
      });
    } catch (error) {
      this.#polled = true;
      const text = error instanceof Error ? error.message : String(error);
      this.#log(`${text}; tracked files are read each second instead`);
      return null;
    }
  }

  /** What cannot be watched now is tried again, and read until then. */
  #watchMissing(): void {
    for (const directory of [...this.#missing]) {
      if (this.#watch?.watch(directory) === 0) this.#missing.delete(directory);
    }
    clearTimeout(this.#retry);
    if (this.#missing.size === 0 && !this.#polled) return;
    this.#retry = setTimeout(() => {
      this.#watchMissing();
      this.#readAll();
    }, RETRY_MS);
    this.#retry.unref();
  }

  #readAll(): void {
    for (const { name, path } of this.#files) {
      const value = readFileNumber(path);
      if (value === this.#values.get(name)) continue;
      this.#values.set(name, value);
      this.#onValue(name, value);
    }
  }
}
