// The archive and the order of modules, without a machine.
import { expect, test } from "bun:test";
import { cpio } from "./cpio.ts";
import { loadOrder, moduleFiles, needs } from "./modules.ts";

const ascii = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

test("a file in an archive: header, name and data, each padded to four bytes", () => {
  const bytes = cpio([{ path: "etc/x", mode: 0o644, data: new TextEncoder().encode("hello") }]);
  // Made by hand from the format's description.
  const header = "070701" + "00000001" + "000081a4" + "00000000" + "00000000" + "00000001" + "00000000" +
    "00000005" +
    "00000000".repeat(4) + "00000006" + "00000000";
  expect(ascii(bytes.subarray(0, 124))).toBe(`${header}etc/x\0` + "\0".repeat(0) + "hello\0\0\0");
  expect(ascii(bytes.subarray(124, 130))).toBe("070701");
  expect(ascii(bytes.subarray(234))).toStartWith("TRAILER!!!\0");
  expect(bytes.length % 4).toBe(0);
});

test("a directory has its type and no data", () => {
  expect(ascii(cpio([{ path: "etc", mode: 0o755 }]).subarray(14, 22))).toBe("000041ed");
});

/** A module as far as its notes go. */
function module(...depends: string[]): Uint8Array {
  return new TextEncoder().encode(`\x7fELF\0license=GPL\0depends=${depends.join(",")}\0name=x\0`);
}

const FILES: Record<string, Uint8Array> = {
  "net/ip_vs.ko": module("nf_conntrack", "libcrc32c"),
  "net/nf_conntrack.ko": module("nf-defrag", "libcrc32c"),
  "net/nf-defrag.ko": module(),
  "lib/libcrc32c.ko": module("crypto"),
};
const files = moduleFiles(Object.keys(FILES));
const read = (path: string) => FILES[path]!;

test("what a module needs is loaded before it, once", () => {
  expect(needs(FILES["net/nf_conntrack.ko"]!)).toEqual(["nf_defrag", "libcrc32c"]);
  expect(loadOrder(["ip_vs"], files, new Set(["crypto"]), read)).toEqual([
    "nf_defrag",
    "libcrc32c",
    "nf_conntrack",
    "ip_vs",
  ]);
});

test("a module that is nowhere is named", () => {
  expect(() => loadOrder(["ip_vs"], files, new Set(), read)).toThrow(
    "the kernel package has no module crypto",
  );
});
