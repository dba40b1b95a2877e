// Imports: which relocations are done, which stop the build, and what the names become.
import { describe, expect, test } from "bun:test";
import { EM, ET, PT, STB } from "../../../../native/static/elf.ts";
import { checkInput, readImports } from "../../../../native/static/imports.ts";
import { MACHINES } from "../../../../native/static/machine.ts";
import { actionOf } from "../../../../native/static/relocations.ts";
import { image } from "./image.ts";

const { x64, arm64 } = MACHINES;

describe("what can be relinked", () => {
  test("a program with fixed addresses, for the right machine", () => {
    expect(() => checkInput(image(), x64)).not.toThrow();
    expect(() => checkInput(image({ machine: EM.AARCH64 }), arm64)).not.toThrow();
  });

  test.each([
    [image({ type: ET.DYN }), "position independent"],
    [image({ machine: EM.AARCH64 }), "is not for x86-64: compile it for bun-linux-x64"],
    [image({ without: [PT.DYNAMIC] }), "is static already"],
    [image({ without: [PT.TLS] }), "has no thread-local storage"],
  ])("otherwise the build stops (%#)", (elf, message) => {
    expect(() => checkInput(elf, x64)).toThrow(message);
  });
});

describe("relocations", () => {
  test("the types that a program with fixed addresses has", () => {
    const actions = (machine: number, types: number[]) => types.map((type) => actionOf(machine, type, "x"));
    expect(actions(EM.X86_64, [1, 5, 6, 7])).toEqual(["address", "copy", "address", "address"]);
    expect(actions(EM.AARCH64, [257, 1024, 1025, 1026])).toEqual(["address", "copy", "address", "address"]);
  });

  test("one that is known but cannot be done says why", () => {
    for (
      const [machine, type, name] of [
        [EM.X86_64, 8, "R_X86_64_RELATIVE"],
        [EM.X86_64, 18, "R_X86_64_TPOFF64"],
        [EM.X86_64, 37, "R_X86_64_IRELATIVE"],
        [EM.AARCH64, 1027, "R_AARCH64_RELATIVE"],
        [EM.AARCH64, 1031, "R_AARCH64_TLSDESC"],
      ] as const
    ) {
      expect(() => actionOf(machine, type, "errno")).toThrow(
        `relocation ${name} of errno cannot be done because`,
      );
    }
  });

  test("one that is not known stops the build, also in a file", () => {
    const sentence = "relocation type 99 of read is not known: go back to the Bun version of";
    expect(() => actionOf(EM.X86_64, 99, "read")).toThrow(sentence);
    expect(() => readImports(image({ symbols: [{ name: "read" }], relocations: [[0x5000, 99, 1]] }))).toThrow(
      sentence,
    );
    // The numbers of one machine are not those of another.
    expect(() => actionOf(EM.AARCH64, 6, "read")).toThrow("relocation type 6 of read is not known");
  });
});

describe("imports", () => {
  test("functions, with addend; what the file has itself; names that the glue has instead", () => {
    const imports = readImports(image({
      symbols: [{ name: "read" }, { name: "own", value: 0x1000 }, { name: "__libc_start_main" }, {
        name: "__xstat64",
      }],
      relocations: [[0x5000, 6, 1], [0x5008, 1, 1, 4], [0x5010, 1, 2, 2], [0x5018, 7, 3], [0x5020, 7, 4]],
    }));
    expect(imports.slots).toEqual([
      { at: 0x5000, symbol: "read", addend: 0 },
      { at: 0x5008, symbol: "read", addend: 4 },
      { at: 0x5010, symbol: null, addend: 0x1002 },
      { at: 0x5018, symbol: "glue_libc_start_main", addend: 0 },
      { at: 0x5020, symbol: "glue_xstat", addend: 0 },
    ]);
  });

  test("weak names may be absent only if they are meant to be", () => {
    const weak = ["__gmon_start__", "_ITM_registerTMCloneTable", "ZSTD_trace_compress_end", "__cxa_finalize"];
    const imports = readImports(image({
      symbols: weak.map((name) => ({ name, binding: STB.WEAK })),
      relocations: weak.map((_, i) => [0x5000 + 8 * i, 6, i + 1]),
    }));
    expect(imports.optional).toEqual(weak.slice(0, 3));
  });

  test("variables: constant ones are copied, environ is one for both, another stops the build", () => {
    const variables = (name: string) =>
      readImports(image({ symbols: [{ name, size: 8 }], relocations: [[0x6000, 5, 1]] }));
    expect(variables("stdout").copies).toEqual([{ at: 0x6000, symbol: "stdout", size: 8 }]);
    const shared = variables("environ");
    expect(shared.copies).toEqual([]);
    expect(shared.placed.map(({ name, at }) => [name, at])).toEqual([
      ["environ", 0x6000],
      ["__environ", 0x6000],
      ["_environ", 0x6000],
    ]);
    expect(() => variables("optind")).toThrow("the program shares the variable optind with the C library");
  });

  test("constructors, without the marks at the ends of old lists", () => {
    expect(readImports(image({ constructors: [-1, 0x1111, 0x2222, 0] })).constructors).toEqual([
      0x1111,
      0x2222,
    ]);
  });
});
