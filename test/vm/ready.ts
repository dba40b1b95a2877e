// What a kind of machine needs to be tested here, and the sentence that says what is missing.
import { existsSync } from "node:fs";
import { Compiler } from "../../native/static/compiler.ts";
import { type Arch, MACHINES } from "../../native/static/machine.ts";
import { BuildProblem } from "../../native/static/problem.ts";
import { needs } from "../support/peer.ts";
import { staticFile } from "./image.ts";
import { kernelOf } from "./kernel.ts";
import { emulator, QEMU_PACKAGES } from "./machine.ts";

/** Whether these kinds of machines can be tested. Says once what is missing if they cannot. */
export function ready(...arches: Arch[]): boolean {
  return arches.every((arch) => {
    if (!needs("setpriv", "util-linux") || !needs(emulator(arch), QEMU_PACKAGES[arch])) return false;
    if (kernelOf(arch) === null) {
      return missing(`Debian's kernel for ${arch} was not fetched (bun test/vm/fetch.ts)`);
    }
    if (!existsSync(staticFile(arch))) {
      return missing(`${staticFile(arch)} is not built (npm run build:static)`);
    }
    try {
      new Compiler(MACHINES[arch]);
      return true;
    } catch (error) {
      if (!(error instanceof BuildProblem)) throw error;
      return missing(error.message);
    }
  });
}

function missing(what: string): false {
  console.log(`skipped: ${what}`);
  return false;
}
