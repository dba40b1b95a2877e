// A small C program, relinked and run, for both machines: start, threads, thread-local storage, dlsym, environment.
import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compiler } from "../../../../native/static/compiler.ts";
import { Elf, PT } from "../../../../native/static/elf.ts";
import { type Arch, MACHINES } from "../../../../native/static/machine.ts";
import { relink } from "../../../../native/static/relink.ts";
import { needs } from "../../../support/peer.ts";

const ENVIRONMENT = { BUN_A: "1", NODE_B: "1", NODE_NAME: "n", BATON_INIT: "x", OTHER_C: "kept" };

/** How a program of that machine is started here; null when it cannot be. */
function runner(arch: Arch): string[] | null {
  if (arch === process.arch) return needs("gcc", "gcc libc6-dev") ? [] : null;
  const found = needs(MACHINES[arch].compiler, MACHINES[arch].packages) &&
    needs(`qemu-${MACHINES[arch].name.replace("-", "_")}-static`, "qemu-user-static");
  return found ? [`qemu-${MACHINES[arch].name.replace("-", "_")}-static`] : null;
}

for (const arch of ["x64", "arm64"] as const) {
  const start = runner(arch);
  test.skipIf(start === null)(arch, async () => {
    const directory = mkdtempSync(join(tmpdir(), "baton-relink-"));
    try {
      const compiler = new Compiler(MACHINES[arch]);
      const [dynamic, file] = [join(directory, "dynamic"), join(directory, "static")];
      const source = join(import.meta.dir, "program.c");
      const made = Bun.spawnSync([compiler.command, "-no-pie", "-fno-pie", "-O1", "-o", dynamic, source]);
      expect(made.stderr.toString()).toBe("");
      writeFileSync(
        file,
        relink(readFileSync(dynamic), "f", {
          compiler,
          names: ["abs"],
          environment: { BUN_BAKED: "b a" },
          roomy: { BUN_ROOMY: "c" },
        }),
      );
      chmodSync(file, 0o755);
      const types = new Elf(readFileSync(file), "f").segments.map(({ type }) => type);
      expect(types).toContain(PT.TLS);
      expect(types).not.toContain(PT.INTERP);
      expect(types).not.toContain(PT.DYNAMIC);
      for (
        const [first, roomy] of [["one", ["BUN_ROOMY=c"]], ["--status", []], ["--status=x", []]] as const
      ) {
        const { stdout, stderr, exitCode } = Bun.spawnSync([...start!, file, first, "last"], {
          env: ENVIRONMENT,
        });
        const lines = stdout.toString().split("\n");
        const variables = ["BUN_BAKED=b a", ...roomy, "NODE_NAME=n", "OTHER_C=kept"];
        const end = 2 + variables.length;
        // The emulator passes the environment on in another order.
        expect([...lines.slice(0, 2), ...lines.slice(2, end).sort(), ...lines.slice(end)]).toEqual([
          "3 last 5 7 800 0",
          "abs 3, none 0, library 0",
          ...variables,
          "yes",
          "at exit",
          "",
        ]);
        expect([exitCode, stderr.toString()]).toEqual([9, ""]);
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
