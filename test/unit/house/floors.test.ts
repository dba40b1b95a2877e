// The floors of the house: a room imports from floors below its own, and some things stay in one room.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dir, "../../..");
/** From the top floor down; rooms of one floor do not know each other. */
const FLOORS = [
  ["src/main.ts"],
  ["src/cli"],
  ["src/control"],
  ["src/engine", "src/status"],
  ["src/messages.ts"],
  ["src/tracking", "src/notify", "src/config"],
  [
    "src/vrrp",
    "src/bfd",
    "native",
    "src/command.ts",
    "src/mail_settings.ts",
    "src/worker.ts",
    "src/version.ts",
  ],
];

const files = ["src/**/*.ts", "native/**/*.ts"].flatMap((glob) => [...new Bun.Glob(glob).scanSync(ROOT)])
  .sort();
const text = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** Floor and room of a file; null for what stands outside of the house. */
function place(file: string): { floor: number; room: string } | null {
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.find((r) => file === r || file.startsWith(`${r}/`));
    if (room !== undefined) return { floor, room };
  }
  return null;
}

function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
    .map((match) => relative(ROOT, join(ROOT, dirname(file), match[1]!)));
}

describe("the house", () => {
  test("every file has a room", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => place(file) === null)).toEqual([]);
  });

  test("a room imports only from floors below its own", () => {
    const wrong: string[] = [];
    for (const file of files) {
      const from = place(file)!;
      for (const target of imports(file)) {
        const to = place(target);
        if (to !== null && to.room !== from.room && to.floor <= from.floor) {
          wrong.push(`${file} -> ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("only native knows bun:ffi", () => {
    expect(files.filter((file) => !file.startsWith("native/") && text(file).includes("bun:ffi"))).toEqual([]);
  });

  test("what only mail needs is loaded with the first mail", () => {
    const eager = /^import (?!type )[^;]*"(?:nodemailer|node:tls)"/m;
    expect(files.filter((file) => eager.test(text(file)))).toEqual([]);
    expect(text("src/notify/smtp.ts")).toMatch(/await import\("nodemailer"\)/);
  });

  test("src/vrrp and src/bfd have no clock, no randomness and no I/O", () => {
    const forbidden = /Date\.|performance\.|Math\.random|from "(?:node|bun)|\bBun\.|\bprocess\.|\bfetch\(/;
    expect(files.filter((file) => /^src\/(vrrp|bfd)\//.test(file) && forbidden.test(text(file)))).toEqual([]);
  });

  test("every file says in its first line what it does", () => {
    expect(files.filter((file) => !/^\/\/ \S/.test(text(file)))).toEqual([]);
  });
});
