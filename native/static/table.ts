// The assembler text that tells the glue what to do at the start: what to fill, what dlsym answers, what to bake.
import type { Imports } from "./imports.ts";

/** The word for the number of program headers, which is known after the link only. */
export const HEADER_COUNT = "glue_headers";

export interface Table {
  imports: Imports;
  /** Names that dlsym answers, sorted by bytes. */
  names: readonly string[];
  /** Variables of the environment that are always set, as NAME=VALUE. */
  environment: readonly string[];
  /** Those that a command line has besides which does not serve the status over HTTP. */
  roomy: readonly string[];
  /** Where the program header table will be. */
  headersAt: number;
  /** The program's own entry point. */
  entry: number;
}

/** GNU assembler text; glue.h declares the same names. */
export function assembly(table: Table): string {
  const { imports, names, environment, roomy } = table;
  const slots = imports.slots.map(({ at, symbol, addend }) =>
    `.quad ${hex(at)}, ${symbol === null ? hex(addend) : symbol + (addend === 0 ? "" : `+${addend}`)}`
  );
  const copies = imports.copies.map(({ at, symbol, size }) => `.quad ${hex(at)}, ${symbol}, ${size}`);
  return [
    ...imports.optional.map((name) => `.weak ${name}`),
    '.section .data.rel.ro,"aw"',
    ".balign 8",
    ...list("glue_slots", slots),
    ...list("glue_copies", copies),
    ...list("glue_names", names.map((name, i) => `.quad .Lname${i}, ${name}`)),
    ...list("glue_constructors", imports.constructors.map((address) => `.quad ${hex(address)}`)),
    ...list("glue_baked", environment.map((_, i) => `.quad .Lbaked${i}`)),
    ...list("glue_roomy", roomy.map((_, i) => `.quad .Lroomy${i}`)),
    ...value("glue_headers_at", table.headersAt),
    ...value(HEADER_COUNT, 0),
    ...value("glue_program_entry", table.entry),
    ".section .rodata",
    ...names.map((name, i) => `.Lname${i}: .asciz ${quote(name)}`),
    ...environment.map((text, i) => `.Lbaked${i}: .asciz ${quote(text)}`),
    ...roomy.map((text, i) => `.Lroomy${i}: .asciz ${quote(text)}`),
    '.section .note.GNU-stack,"",%progbits',
    "",
  ].join("\n");
}

/** A list with a symbol at its end; a word behind it keeps the end apart from the next list. */
function list(name: string, rows: string[]): string[] {
  return [`.globl ${name}, ${name}_end`, `${name}:`, ...rows, `${name}_end:`, ".quad 0"];
}

function value(name: string, number: number): string[] {
  return [`.globl ${name}`, `${name}: .quad ${hex(number)}`];
}

function hex(number: number): string {
  return number < 0 ? String(number) : `0x${number.toString(16)}`;
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
