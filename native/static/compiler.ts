// Calls the C compiler: the glue and the table, linked statically with the C library at a given address.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Elf } from "./elf.ts";
import type { Machine } from "./machine.ts";
import { BuildProblem } from "./problem.ts";
import { RESERVATION } from "./tls.ts";

const GLUE = join(import.meta.dir, "glue");
const ENTRY = "_start_static";

/** -fno-pie, -fno-stack-protector: the code has fixed addresses, and part of it runs before there is a canary. */
const COMPILE = [
  "-std=gnu17",
  "-D_GNU_SOURCE",
  "-Os",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-fno-pie",
  "-fno-stack-protector",
];

const LINK = [
  "-static",
  "-no-pie",
  `-Wl,-e,${ENTRY}`,
  "-Wl,--build-id=none",
  "-Wl,--gc-sections",
  // As few segments as possible: the program's own have the larger part.
  "-Wl,-z,norelro",
  "-Wl,-z,noseparate-code",
  `-Wl,-u,${RESERVATION}`,
];

/** A C compiler with its static C library. */
export class Compiler {
  readonly machine: Machine;
  readonly command: string;

  /** Finds the compiler. Throws a BuildProblem that names the Debian packages. */
  constructor(machine: Machine, find: (command: string) => string | null = Bun.which) {
    const names = process.arch === machine.arch ? [machine.compiler, "gcc", "cc"] : [machine.compiler];
    const command = names.find((name) => find(name) !== null);
    if (command === undefined) throw this.#missing(machine, `${names[0]} is not installed`);
    this.machine = machine;
    this.command = command;
    if (this.file("libc.a") === null) {
      throw this.#missing(machine, `${command} has no static C library (libc.a)`);
    }
  }

  #missing(machine: Machine, what: string): BuildProblem {
    return new BuildProblem(
      `${what}, the executable for ${machine.name} needs it: apt-get install ${machine.packages}`,
    );
  }

  /** Where a library or start file of this compiler is; null if it has none. */
  file(name: string): string | null {
    const said = Bun.spawnSync([this.command, `-print-file-name=${name}`]).stdout.toString().trim();
    return said === "" || said === name ? null : said;
  }

  /** The C library's own words: `2.36` and `Debian GLIBC 2.36-9+deb12u14`. Throws a BuildProblem. */
  libcVersion(): { version: string; release: string } {
    const text = readFileSync(this.file("libc.a") ?? "").toString("latin1");
    const found = /GNU C Library \(([^)]*)\) [a-z]+ release version ([\d.]*\d)/.exec(text);
    if (found === null) {
      throw new BuildProblem(
        `the static C library of ${this.command} is not glibc: apt-get install ${this.machine.packages}`,
      );
    }
    return { version: found[2]!, release: found[1]! };
  }

  /**
   * Links glue, table and C library from `address` on. `tls` reserves the program's thread-local block.
   * `placed`: variables of the C library that lie elsewhere. Throws a BuildProblem that names what is missing.
   */
  link(input: { table: string; tls: string; address: number; placed: { name: string; at: number }[] }): Elf {
    const directory = mkdtempSync(join(tmpdir(), "baton-static-"));
    try {
      writeFileSync(join(directory, "table.S"), input.table);
      writeFileSync(join(directory, "tls.S"), input.tls);
      const sources = [...new Bun.Glob("*.{c,h}").scanSync(GLUE)].sort();
      // Relative names only: the result does not depend on where it is built.
      for (const source of sources) copyFileSync(join(GLUE, source), join(directory, basename(source)));
      const code = sources.filter((source) => source.endsWith(".c"));
      this.#call(directory, [...COMPILE, "-c", ...code, "table.S", "tls.S"]);
      const objects = [...code.map((source) => source.replace(/c$/, "o")), "table.o"];
      const libraries = ["-Wl,--start-group", "-lm", "-lc", "-lgcc", "-lgcc_eh", "-Wl,--end-group"];
      this.#call(directory, [
        ...LINK,
        `-Wl,-Ttext-segment=0x${input.address.toString(16)}`,
        ...input.placed.map(({ name, at }) => `-Wl,--defsym=${name}=0x${at.toString(16)}`),
        "-o",
        "blob",
        // Variant I wants the program's thread-local block first, variant II last.
        ...(this.machine.tls === "above" ? ["tls.o", ...objects] : objects),
        ...libraries,
        ...(this.machine.tls === "above" ? [] : ["tls.o"]),
      ]);
      return new Elf(readFileSync(join(directory, "blob")), `the link with ${this.command}`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  #call(directory: string, args: string[]): void {
    const env = { ...process.env, LC_ALL: "C", SOURCE_DATE_EPOCH: "0" };
    const { exitCode, stderr } = Bun.spawnSync([this.command, ...args], { cwd: directory, env });
    // Warnings stay unsaid: glibc's, of getaddrinfo and the like, are what name_services.c sees to. Never pass
    // --no-warnings to the linker: it takes undefined names for warnings.
    if (exitCode === 0) return;
    throw linkProblem(stderr.toString(), this.command);
  }
}

/** What a failed call of the compiler means, in one sentence. */
export function linkProblem(said: string, command: string): BuildProblem {
  const missing = [...new Set([...said.matchAll(/undefined reference to `([^']+)'/g)].map((m) => m[1]!))]
    .sort();
  if (missing.length > 0) {
    return new BuildProblem(
      `the static C library of ${command} lacks ${
        missing.join(", ")
      }, which the program imports or looks up: ` +
        "use a newer glibc, or say in native/static/imports.ts or native/functions.ts what to take instead",
    );
  }
  const error = said.split("\n").find((line) => /error|cannot/i.test(line)) ?? said.trim().split("\n")[0] ??
    "";
  return new BuildProblem(`${command} failed (${error.trim()}): correct what it says and build again`);
}
