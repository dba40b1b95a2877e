// What stops the build: each thing that is missing or has changed is one sentence with a cure.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Compiler, linkProblem } from "../../../../native/static/compiler.ts";
import { LIBC_FUNCTIONS } from "../../../../native/functions.ts";
import { MACHINES } from "../../../../native/static/machine.ts";
import { callsDlopen, dlsymNames, RUNTIME_LOOKUPS } from "../../../../native/static/names.ts";
import { CHECKED_BUN, RUNTIMES } from "../../../../native/static/pinned.ts";
import { BuildProblem } from "../../../../native/static/problem.ts";
import { relink } from "../../../../native/static/relink.ts";
import { checkBunVersion, checkHash, checkIntegrity } from "../../../../native/static/runtime.ts";
import { assembly } from "../../../../native/static/table.ts";
import { ET } from "../../../../native/static/elf.ts";
import { needs } from "../../../support/peer.ts";
import { imageBytes } from "./image.ts";

const HAVE = needs("gcc", "gcc libc6-dev");

describe("the compiler", () => {
  test("one that is missing is named with its Debian packages", () => {
    const missing = MACHINES[process.arch === "arm64" ? "x64" : "arm64"];
    expect(() => new Compiler(missing, () => null)).toThrow(
      `${missing.compiler} is not installed, the executable for ${missing.name} needs it: apt-get install ${missing.packages}`,
    );
  });

  test("names that are not in the C library are listed", () => {
    const said = "table.o:(.data.rel.ro+0x8): undefined reference to `zz_first'\n" +
      "table.o: undefined reference to `aa_second'\ntable.o: undefined reference to `zz_first'\ncollect2: error: ld";
    const problem = linkProblem(said, "cc");
    expect(problem).toBeInstanceOf(BuildProblem);
    expect(problem.message).toStartWith(
      "the static C library of cc lacks aa_second, zz_first, which the program",
    );
  });

  test("another failure is quoted", () => {
    expect(linkProblem("a.c: note\na.c:1: error: expected ;\n", "cc").message).toBe(
      "cc failed (a.c:1: error: expected ;): correct what it says and build again",
    );
  });
});

describe("relinking", () => {
  const machine = MACHINES[process.arch === "arm64" ? "arm64" : "x64"];
  const { elf } = machine;
  const address = machine.arch === "x64" ? 6 : 1025;
  const options = (names: string[]) => ({
    compiler: new Compiler(machine),
    names,
    environment: {},
    roomy: {},
  });

  test.skipIf(!HAVE)("an import that libc.a lacks stops the build", () => {
    const input = imageBytes({
      machine: elf,
      symbols: [{ name: "no_such_import" }],
      relocations: [[0x5000, address, 1]],
    });
    expect(() => relink(input, "f", options([]))).toThrow(
      /^the static C library of \S+ lacks no_such_import,/,
    );
  });

  test.skipIf(!HAVE)("a name for dlsym that is not in the C library stops the build", () => {
    expect(() => relink(imageBytes({ machine: elf }), "f", options(["getpid", "no_such_name"]))).toThrow(
      /lacks no_such_name, which the program imports or looks up: .* native\/functions\.ts/,
    );
  });

  test.skipIf(!HAVE)("a position-independent program stops the build", () => {
    expect(() => relink(imageBytes({ machine: elf, type: ET.DYN }), "f", options([]))).toThrow(
      "position independent",
    );
  });
});

describe("the runtime", () => {
  test("another version of Bun stops the build", () => {
    expect(() => checkBunVersion([CHECKED_BUN, CHECKED_BUN])).not.toThrow();
    expect(() => checkBunVersion([CHECKED_BUN, "9.9.9"])).toThrow(
      `Bun is 9.9.9 and the relinker was checked with ${CHECKED_BUN}: run npm ci`,
    );
  });

  test("the pinned version is that of package.json", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
      devDependencies: Record<string, string>;
    };
    expect(manifest.devDependencies["bun"]).toBe(CHECKED_BUN);
  });

  test("a wrong hash stops the build", () => {
    expect(() => checkHash(Buffer.from("x"), RUNTIMES.x64.sha256, "bun")).toThrow(
      `bun has SHA-256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 and not ${RUNTIMES.x64.sha256}`,
    );
    const integrity = `sha512-${new Bun.CryptoHasher("sha512").update("x").digest("base64")}`;
    expect(() => checkIntegrity(Buffer.from("x"), integrity, "p")).not.toThrow();
    expect(() => checkIntegrity(Buffer.from("y"), integrity, "p")).toThrow("and package-lock.json wants");
  });

  test("package-lock.json has a hash of each runtime's package, of the pinned version", () => {
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    for (const runtime of Object.values(RUNTIMES)) {
      const entry = lock.packages[`node_modules/${runtime.package}`];
      expect(entry).toMatchObject({ version: CHECKED_BUN, integrity: expect.stringMatching(/^sha512-/) });
    }
  });
});

describe("the names for dlsym", () => {
  test("are those of the table in native/functions.ts and the runtime's, sorted by bytes, once each", () => {
    const names = dlsymNames(["zz_more", "getpid"]);
    for (const name of [...Object.keys(LIBC_FUNCTIONS), ...RUNTIME_LOOKUPS, "zz_more"]) {
      expect(names).toContain(name);
    }
    expect(names).toEqual([...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test("another file that opens a library is found", () => {
    for (
      const text of [
        'import { dlopen } from "bun:ffi";',
        'import { CString, dlopen as open } from "bun:ffi";',
        'import * as ffi from "bun:ffi";',
      ]
    ) expect(callsDlopen(text)).toBe(true);
    expect(callsDlopen('import { type Pointer, ptr } from "bun:ffi";')).toBe(false);
  });
});

test("the table is assembler text in which nothing ends a string early", () => {
  const imports = { slots: [], copies: [], placed: [], optional: ["weak"], constructors: [16] };
  const text = assembly({
    imports,
    names: ["a"],
    environment: ['X="\\'],
    roomy: [],
    headersAt: 255,
    entry: 4096,
  });
  for (const row of [".weak weak", ".quad .Lname0, a", '.Lbaked0: .asciz "X=\\"\\\\"', ".quad 0x10"]) {
    expect(text.split("\n")).toContain(row);
  }
  expect(text).toContain("glue_program_entry: .quad 0x1000");
});
