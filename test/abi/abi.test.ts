// Every constant and struct layout of native/, compared with the C headers of x86-64 and aarch64.
//
// A C file of _Static_assert lines is generated per header and given to the compiler; nothing is run.
import { describe, expect, test } from "bun:test";
import { SYSCALL, TABLES } from "../../native/constants.ts";
import { ERRNO } from "../../native/errno.ts";
import { epollEventLayout, type Layout, LAYOUTS } from "../../native/layout.ts";

interface Target {
  arch: "x64" | "arm64";
  compiler: string;
  package: string;
}
const TARGETS: Target[] = [
  {
    arch: "x64",
    compiler: process.arch === "x64" ? "cc" : "x86_64-linux-gnu-gcc",
    package: "gcc-x86-64-linux-gnu",
  },
  {
    arch: "arm64",
    compiler: process.arch === "arm64" ? "cc" : "aarch64-linux-gnu-gcc",
    package: "gcc-aarch64-linux-gnu",
  },
];

/** Constants that headers of supported distributions may lack: enums, so the preprocessor cannot ask. */
const NEWER: Record<string, { define: string; since: number }> = {
  IFA_PROTO: { define: "LINUX_VERSION_CODE", since: 0x051200 },
  NFTA_TABLE_USERDATA: { define: "LINUX_VERSION_CODE", since: 0x050a00 },
  NFT_TABLE_F_OWNER: { define: "LINUX_VERSION_CODE", since: 0x050c00 },
  NFT_TABLE_F_PERSIST: { define: "LINUX_VERSION_CODE", since: 0x060900 },
};

/** The names of enum members that need another header to be seen. */
const EXTRA: Record<string, string[]> = {
  "linux/filter.h": ["linux/bpf_common.h"],
  "linux/in6.h": ["linux/in.h"],
  "linux/netfilter/nfnetlink.h": ["linux/netfilter.h", "linux/netlink.h"],
  "linux/mpls_iptunnel.h": ["linux/lwtunnel.h"],
  "linux/icmp.h": ["linux/types.h"],
  "linux/if.h": ["sys/socket.h"],
  "linux/if_packet.h": ["linux/types.h"],
};

function constantsFile(header: string, values: Readonly<Record<string, number>>): string {
  const lines = ["#define _GNU_SOURCE", "#include <linux/version.h>"];
  for (const extra of EXTRA[header] ?? []) lines.push(`#include <${extra}>`);
  lines.push(`#include <${header}>`);
  for (const [name, value] of Object.entries(values)) {
    const newer = NEWER[name];
    if (newer !== undefined) lines.push(`#if ${newer.define} >= ${newer.since}`);
    lines.push(`_Static_assert((unsigned long)(${name}) == ${value}UL, "${name}");`);
    if (newer !== undefined) lines.push("#endif");
  }
  return lines.join("\n") + "\n";
}

function layoutsFile(header: string, layouts: readonly Layout[]): string {
  const lines = [
    "#define _GNU_SOURCE",
    "#include <stddef.h>",
    "#include <sys/socket.h>",
    `#include <${header}>`,
  ];
  for (const { struct, size, at, bytes } of layouts) {
    lines.push(`_Static_assert(sizeof(${struct}) == ${size}, "sizeof ${struct}");`);
    for (const [field, offset] of Object.entries(at)) {
      const label = `${struct}.${field}`;
      lines.push(`_Static_assert(offsetof(${struct}, ${field}) == ${offset}, "offset of ${label}");`);
      lines.push(
        `_Static_assert(sizeof(((${struct} *)0)->${field}) == ${bytes[field]}, "size of ${label}");`,
      );
    }
  }
  return lines.join("\n") + "\n";
}

/** What the compiler has to say against the file; "" = nothing. */
function complaints(compiler: string, source: string): string {
  const run = Bun.spawnSync([compiler, "-std=gnu11", "-fsyntax-only", "-x", "c", "-"], {
    stdin: new TextEncoder().encode(source),
    stdout: "pipe",
    stderr: "pipe",
  });
  return run.exitCode === 0 ? "" : `${run.stderr.toString()}\n(exit ${run.exitCode})`;
}

function byHeader(layouts: readonly Layout[]): Map<string, Layout[]> {
  const groups = new Map<string, Layout[]>();
  for (const layout of layouts) groups.set(layout.header, [...groups.get(layout.header) ?? [], layout]);
  return groups;
}

for (const target of TARGETS) {
  const missing = Bun.which(target.compiler) === null;
  const why = missing
    ? ` (skipped: ${target.compiler} is not installed (apt-get install ${target.package}))`
    : "";
  describe.skipIf(missing)(`${target.arch}${why}`, () => {
    for (const { header, values } of TABLES) {
      test(`constants of ${header}`, () => {
        expect(complaints(target.compiler, constantsFile(header, values))).toBe("");
      });
    }
    test("error numbers", () => {
      expect(complaints(target.compiler, constantsFile("errno.h", ERRNO))).toBe("");
    });
    test("system call numbers", () => {
      expect(complaints(target.compiler, constantsFile("sys/syscall.h", SYSCALL[target.arch]))).toBe("");
    });
    for (const [header, layouts] of byHeader([...LAYOUTS, epollEventLayout(target.arch)])) {
      test(`structs of ${header}`, () => {
        expect(complaints(target.compiler, layoutsFile(header, layouts))).toBe("");
      });
    }
    test("a wrong constant, a wrong offset and a wrong size are found", () => {
      const { compiler } = target;
      expect(complaints(compiler, constantsFile("sys/socket.h", { AF_INET: 3 }))).toContain("AF_INET");
      const right = LAYOUTS.find((layout) => layout.struct === "struct msghdr");
      if (right === undefined) throw new Error("no msghdr");
      expect(complaints(compiler, layoutsFile(right.header, [right]))).toBe("");
      const shifted = { ...right, at: { ...right.at, msg_iov: 12 } };
      expect(complaints(compiler, layoutsFile(right.header, [shifted]))).toContain(
        "offset of struct msghdr.msg_iov",
      );
      expect(complaints(compiler, layoutsFile(right.header, [{ ...right, size: 60 }]))).toContain("sizeof");
    });
    test("epoll_event is that of this architecture", () => {
      const other = target.arch === "x64" ? "arm64" : "x64";
      expect(complaints(target.compiler, layoutsFile("sys/epoll.h", [epollEventLayout(other)]))).toContain(
        "sizeof",
      );
    });
  });
}
