// What each dynamic relocation type means, and whether the relinker can do it at the start of the program.
//
// x86-64: System V psABI, AMD64 supplement, table 4.10 (Relocation Types). aarch64: ELF for the Arm 64-bit
// Architecture (AAELF64), section 5.7 (relocation codes, dynamic relocations).
import { EM } from "./elf.ts";
import { BuildProblem } from "./problem.ts";

/**
 * address: the word is the symbol's address, plus the addend (S + A).
 * copy: the symbol's initial contents are copied to the place.
 * Otherwise a reason why it cannot be done, as the middle of a sentence.
 */
type Meaning = { name: string; action: "address" | "copy" } | { name: string; refused: string };

const IMAGE = "it belongs to position-independent programs";
const TLS = "it asks for a thread-local variable of another module";
const IFUNC = "the program brings indirect functions of its own";

const MEANINGS: Record<number, Record<number, Meaning>> = {
  [EM.X86_64]: {
    1: { name: "R_X86_64_64", action: "address" },
    5: { name: "R_X86_64_COPY", action: "copy" },
    6: { name: "R_X86_64_GLOB_DAT", action: "address" },
    7: { name: "R_X86_64_JUMP_SLOT", action: "address" },
    8: { name: "R_X86_64_RELATIVE", refused: IMAGE },
    16: { name: "R_X86_64_DTPMOD64", refused: TLS },
    17: { name: "R_X86_64_DTPOFF64", refused: TLS },
    18: { name: "R_X86_64_TPOFF64", refused: TLS },
    36: { name: "R_X86_64_TLSDESC", refused: TLS },
    37: { name: "R_X86_64_IRELATIVE", refused: IFUNC },
  },
  [EM.AARCH64]: {
    257: { name: "R_AARCH64_ABS64", action: "address" },
    1024: { name: "R_AARCH64_COPY", action: "copy" },
    1025: { name: "R_AARCH64_GLOB_DAT", action: "address" },
    1026: { name: "R_AARCH64_JUMP_SLOT", action: "address" },
    1027: { name: "R_AARCH64_RELATIVE", refused: IMAGE },
    1028: { name: "R_AARCH64_TLS_DTPMOD", refused: TLS },
    1029: { name: "R_AARCH64_TLS_DTPREL", refused: TLS },
    1030: { name: "R_AARCH64_TLS_TPREL", refused: TLS },
    1031: { name: "R_AARCH64_TLSDESC", refused: TLS },
    1032: { name: "R_AARCH64_IRELATIVE", refused: IFUNC },
  },
};

/** What to do for a relocation. Throws a BuildProblem for a type that is unknown or cannot be done. */
export function actionOf(machine: number, type: number, symbol: string): "address" | "copy" {
  const meaning = MEANINGS[machine]?.[type];
  const of = symbol === "" ? "" : ` of ${symbol}`;
  const cure = "go back to the Bun version of native/static/pinned.ts, or teach native/static/relocations.ts";
  if (meaning === undefined) throw new BuildProblem(`relocation type ${type}${of} is not known: ${cure}`);
  if ("refused" in meaning) {
    throw new BuildProblem(
      `relocation ${meaning.name}${of} cannot be done because ${meaning.refused}: ${cure}`,
    );
  }
  return meaning.action;
}
