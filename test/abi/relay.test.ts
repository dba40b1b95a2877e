// The machine code of native/relay.ts, compared with what the assembler makes of the same instructions.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handlerCode } from "../../native/relay.ts";

const EVENTFD = 0x1234;
const NEXT = 0x1122334455667788n;

const SOURCES = {
  x64: {
    prefix: process.arch === "x64" ? "" : "x86_64-linux-gnu-",
    package: "gcc-x86-64-linux-gnu",
    text: `
      endbr64
      push %rdi
      push %rsi
      push %rdx
      push $1
      mov $1, %eax
      mov $${EVENTFD}, %edi
      mov %rsp, %rsi
      mov $8, %edx
      syscall
      pop %rax
      pop %rdx
      pop %rsi
      pop %rdi
    `,
    goOn: `
      movabs $${NEXT}, %rax
      jmp *%rax
    `,
  },
  arm64: {
    prefix: process.arch === "arm64" ? "" : "aarch64-linux-gnu-",
    package: "gcc-aarch64-linux-gnu",
    text: `
      bti c
      stp x0, x1, [sp, #-32]!
      str x2, [sp, #16]
      mov x1, #1
      str x1, [sp, #24]
      add x1, sp, #24
      mov w0, #${EVENTFD}
      mov x2, #8
      mov x8, #64
      svc #0
      ldr x2, [sp, #16]
      ldp x0, x1, [sp], #32
    `,
    goOn: `
      ldr x16, .+8
      br x16
      .quad ${NEXT}
    `,
  },
} as const;

/** What the assembler makes of the text. */
function assembled(prefix: string, arch: string, text: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "baton-abi-"));
  try {
    const object = join(folder, "code.o"), bytes = join(folder, "code.bin");
    const header = arch === "arm64" ? ".arch armv8.5-a\n" : "";
    const stdin = new TextEncoder().encode(header + text.replace(/^ +/gm, "  ") + "\n");
    const made = Bun.spawnSync([`${prefix}as`, "-o", object, "-"], { stdin, stderr: "pipe" });
    expect(made.stderr.toString()).toBe("");
    Bun.spawnSync([`${prefix}objcopy`, "-O", "binary", "-j", ".text", object, bytes]);
    return new Uint8Array(Bun.spawnSync(["cat", bytes]).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const arch of ["x64", "arm64"] as const) {
  const { prefix, text, goOn, package: name } = SOURCES[arch];
  const missing = Bun.which(`${prefix}as`) === null;
  const why = missing ? ` (skipped: ${prefix}as is not installed (apt-get install ${name}))` : "";
  describe.skipIf(missing)(`${arch}${why}`, () => {
    const cases: [string, bigint | null, string][] = [
      ["goes on with the next handler", NEXT, goOn],
      ["returns", null, "ret\n"],
    ];
    test.each(cases)("a signal handler that %s is what the assembler makes", (_, next, tail) => {
      const expected = assembled(prefix, arch, text + tail);
      expect(Buffer.from(handlerCode(arch, EVENTFD, next)!).toString("hex")).toBe(
        Buffer.from(expected).toString("hex"),
      );
      expect(expected.length).toBeGreaterThan(30);
    });
  });
}
