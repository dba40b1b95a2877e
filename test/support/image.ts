// A root file system of an image that baton is installed into, and the program at work on it.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BATON } from "./daemon.ts";

/** What a command has done. */
export interface Done {
  code: number;
  out: string;
  error: string;
}

/** Runs the program under test to its end. */
export async function baton(...args: string[]): Promise<Done> {
  return await command(BATON, ...args);
}

/** Runs any program to its end; a failure is an answer, too. */
export async function command(...words: string[]): Promise<Done> {
  const child = Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: clean() });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, error };
}

function clean(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", NO_COLOR: "1" };
}

/** A directory that stands for the root of an image; gone at the end of the test. */
export class Image implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "baton-image-"));

  /** Files by path; a path that ends with a slash is a directory. */
  constructor(files: Record<string, string> = {}) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string): void {
    const full = this.path(path);
    if (path.endsWith("/")) return void mkdirSync(full, { recursive: true });
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  /** Everything in it: a path, the mode and what a link points to. */
  list(): string[] {
    return readdirSync(this.root, { recursive: true }).map(String).sort().map((name) => {
      const info = lstatSync(this.path(name));
      if (info.isSymbolicLink()) return `${name} -> ${readlinkSync(this.path(name))}`;
      return info.isDirectory() ? `${name}/` : `${name} ${(info.mode & 0o7777).toString(8)}`;
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
