// What the tests of child processes share: scripts in a temporary directory, and events that can be awaited.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../../src/command.ts";
import type { Prepared } from "../../../src/tracking/policy.ts";

/** A directory that everybody may use, with small shell scripts in it; removed at the end of its scope. */
export class ScriptDirectory {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync("/tmp/baton-scripts-");
    chmodSync(this.path, 0o777);
  }

  file(name: string, content = "", mode = 0o666): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  script(name: string, body: string): string {
    return this.file(name, `#!/bin/sh\n${body}\n`, 0o755);
  }

  fifo(name: string): string {
    const path = join(this.path, name);
    Bun.spawnSync(["mkfifo", "-m", "666", path]);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Values that arrive one after the other, each awaited once. */
export class Mailbox<T> {
  readonly all: T[] = [];
  #taken = 0;
  #wake: (() => void)[] = [];

  put(value: T): void {
    this.all.push(value);
    for (const wake of this.#wake.splice(0)) wake();
  }

  async next(): Promise<T> {
    while (this.#taken >= this.all.length) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.all[this.#taken++] as T;
  }

  /** The first value, old or new, that fits. */
  async find(fits: (value: T) => boolean): Promise<T> {
    for (let index = 0;; index++) {
      while (index >= this.all.length) await new Promise<void>((resolve) => this.#wake.push(resolve));
      const value = this.all[index] as T;
      if (fits(value)) return value;
    }
  }
}

/** Reads a FIFO: `line` is its first line, `closed` resolves when the last process that may write has gone. */
export function readFifo(path: string): { line: Promise<string>; closed: Promise<void> } {
  const cat = Bun.spawn(["cat", path], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const line = Promise.withResolvers<string>();
  const closed = (async () => {
    let text = "";
    for await (const chunk of cat.stdout) {
      text += new TextDecoder().decode(chunk);
      if (text.includes("\n")) line.resolve(text.slice(0, text.indexOf("\n")));
    }
    line.resolve(text);
    await cat.exited;
  })();
  return { line: line.promise, closed };
}

/** Whether a process still runs; a zombie that its parent has not collected does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/**
 * Resolves when the process has ended; the kernel tells only its parent. Its descriptors are closed a moment before, so
 * the end of a pipe does not tell.
 */
export async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await Bun.sleep(2);
}

/** Runs a command as it stands, as this user. */
export function asIs(command: Command): Prepared {
  return { words: command.words, identity: null, refused: null };
}

export function command(...words: string[]): Command {
  return { words, identity: null };
}
