// What an executable imports from the C library: the places to fill, and the names to link for them.
import { DT, type Elf, ET, PT, STB } from "./elf.ts";
import type { Machine } from "./machine.ts";
import { BuildProblem } from "./problem.ts";
import { actionOf } from "./relocations.ts";

/** A word of the executable that holds an address: that of `symbol` plus `addend`; of nothing: the addend alone. */
export interface Slot {
  at: number;
  symbol: string | null;
  addend: number;
}

/** A variable of the C library whose first contents are copied to `at`. */
export interface Copy {
  at: number;
  symbol: string;
  size: number;
}

export interface Imports {
  slots: Slot[];
  copies: Copy[];
  /** Names that the C library shall place at the executable's own variable: one variable for both. */
  placed: { name: string; at: number }[];
  /** Names that may stay null. */
  optional: string[];
  /** Constructors (DT_INIT, DT_INIT_ARRAY), for a program that leaves them to the C library. */
  constructors: number[];
}

/** Names that a static C library has not, or that must not be its own: what the glue has instead. */
const RENAMED: Record<string, string> = {
  // The glue is what the program's start code calls: the C library has been started before (start.c).
  __libc_start_main: "glue_libc_start_main",
  // Before glibc 2.33, stat and mknod were these, with a version in front (old_names.c).
  __xstat: "glue_xstat",
  __xstat64: "glue_xstat",
  __lxstat: "glue_lxstat",
  __lxstat64: "glue_lxstat",
  __fxstat: "glue_fxstat",
  __fxstat64: "glue_fxstat",
  __fxstatat: "glue_fxstatat",
  __fxstatat64: "glue_fxstatat",
  __xmknod: "glue_xmknod",
  // The compiler thread would end where it waits with this (compiler_thread.c).
  pthread_cond_timedwait: "glue_cond_timedwait",
};

/** Weak names that are meant to be absent: profiling, transactional memory, tracing. */
const OPTIONAL = /^(__gmon_start__|_ITM_\w+|_Jv_RegisterClasses|ZSTD_trace_\w+|__(de)?register_frame_info)$/;

/** Variables that both sides change: the C library's is placed at the executable's. */
const SHARED: Record<string, string[]> = {
  environ: ["environ", "__environ", "_environ"],
  __environ: ["environ", "__environ", "_environ"],
};
/** Pointers that never change after the start: a copy is as good. */
const CONSTANT = ["stdin", "stdout", "stderr"];

const ALL_ONES = 0xffff_ffff_ffff_ffff;

/** Checks that the relinker can work on this file. Throws a BuildProblem. */
export function checkInput(program: Elf, machine: Machine): void {
  if (program.machine !== machine.elf) {
    throw new BuildProblem(
      `${program.name} is not for ${machine.name}: compile it for bun-linux-${machine.arch}`,
    );
  }
  if (program.type !== ET.EXEC) {
    throw new BuildProblem(
      `${program.name} is position independent (ELF type ${program.type}), the relinker needs fixed addresses: ` +
        "go back to the Bun version of native/static/pinned.ts",
    );
  }
  if (program.find(PT.DYNAMIC) === undefined) {
    throw new BuildProblem(`${program.name} is static already: relink the output of bun build --compile`);
  }
  if (program.find(PT.TLS) === undefined) {
    throw new BuildProblem(`${program.name} has no thread-local storage: it is no Bun executable`);
  }
}

/** Reads the imports. Throws a BuildProblem for what cannot be relinked. */
export function readImports(program: Elf): Imports {
  const imports: Imports = {
    slots: [],
    copies: [],
    placed: [],
    optional: [],
    constructors: constructors(program),
  };
  for (const { at, type, symbol: index, addend } of program.relocations()) {
    const symbol = program.symbol(index);
    if (actionOf(program.machine, type, symbol.name) === "copy") {
      addVariable(imports, at, symbol.name, symbol.size);
    } else if (symbol.defined) {
      imports.slots.push({ at, symbol: null, addend: symbol.value + addend });
    } else {
      const name = RENAMED[symbol.name] ?? symbol.name;
      if (symbol.binding === STB.WEAK && OPTIONAL.test(name) && !imports.optional.includes(name)) {
        imports.optional.push(name);
      }
      imports.slots.push({ at, symbol: name, addend });
    }
  }
  return imports;
}

function addVariable(imports: Imports, at: number, name: string, size: number): void {
  const shared = SHARED[name];
  if (shared !== undefined) {
    imports.placed.push(...shared.map((alias) => ({ name: alias, at })));
  } else if (CONSTANT.includes(name)) {
    imports.copies.push({ at, symbol: name, size });
  } else {
    throw new BuildProblem(
      `the program shares the variable ${name} with the C library: say in native/static/imports.ts whether both change it`,
    );
  }
}

function constructors(program: Elf): number[] {
  const found: number[] = [];
  const init = program.dynamic(DT.INIT);
  if (init !== undefined) found.push(init);
  const array = program.dynamic(DT.INIT_ARRAY);
  const size = program.dynamic(DT.INIT_ARRAYSZ) ?? 0;
  if (array === undefined) return found;
  for (let at = 0; at < size; at += 8) {
    const address = program.word(program.offsetOf(array + at));
    // 0 and -1 mark the ends of the list in old tool chains.
    if (address !== 0 && address !== ALL_ONES) found.push(address);
  }
  return found;
}
