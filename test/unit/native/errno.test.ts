// errno and the sentences of SyscallError.
import { describe, expect, test } from "bun:test";
import { ERRNO, errnoName, lastErrno, SyscallError } from "../../../native/errno.ts";
import { libc, libcName, libcNames, openLibc } from "../../../native/libc.ts";

describe("errno", () => {
  test("has a name for every number of the table, and a text for any other", () => {
    for (const [name, number] of Object.entries(ERRNO)) expect(errnoName(number)).toBe(name);
    expect(errnoName(999)).toBe("errno 999");
  });

  test("is read after a failed call", () => {
    const result = libc.close(-1);
    const errno = lastErrno();
    expect(result).toBe(-1);
    expect(errno).toBe(ERRNO.EBADF);
  });

  test("is right although memory is allocated around it", () => {
    let kept: unknown[] = [];
    for (let i = 0; i < 20_000; i++) {
      kept.push({ i, text: `${i}` });
      if (kept.length > 500) kept = [];
      const first = libc.socket(9999, 0, 0) < 0 ? lastErrno() : 0;
      const second = libc.close(-1) < 0 ? lastErrno() : 0;
      if (first !== ERRNO.EAFNOSUPPORT || second !== ERRNO.EBADF) throw new Error(`${first} ${second}`);
    }
    expect(kept.length).toBeLessThanOrEqual(500);
  });
});

describe("SyscallError", () => {
  test("says what was tried, the error's name and what to do", () => {
    const error = new SyscallError({ call: "socket", errno: ERRNO.EPERM, tried: "open a raw IPv4 socket" });
    expect(error.message).toBe(
      "cannot open a raw IPv4 socket (socket: EPERM): run as root or grant CAP_NET_RAW and CAP_NET_ADMIN",
    );
    expect(error).toMatchObject({ name: "SyscallError", call: "socket", errno: 1, errnoName: "EPERM" });
    expect(error.advice).toBe("run as root or grant CAP_NET_RAW and CAP_NET_ADMIN");
  });

  test("takes the kernel's own words and the caller's advice", () => {
    const error = new SyscallError({
      call: "netlink",
      errno: ERRNO.EEXIST,
      tried: "add 192.0.2.1",
      detail: "the kernel says: ipv4: Address already assigned",
      advice: "remove it first",
    });
    expect(error.message).toBe(
      "cannot add 192.0.2.1 (netlink: EEXIST, the kernel says: ipv4: Address already assigned): remove it first",
    );
  });

  test("ends without a colon where there is nothing to say", () => {
    const error = new SyscallError({ call: "close", errno: 999, tried: "close it" });
    expect(error.message).toBe("cannot close it (close: errno 999)");
  });
});

describe("the C library", () => {
  test("is found under the name of glibc or musl", () => {
    expect(libcNames(process.arch)).toContain(libcName);
    expect(libcNames("x64")).toContain("libc.musl-x86_64.so.1");
    expect(libcNames("arm64")).toContain("libc.musl-aarch64.so.1");
  });

  test("the next name is tried where one is missing", () => {
    expect(openLibc(["no-such-library.so", libcName]).name).toBe(libcName);
  });

  test("a system without one gets a sentence", () => {
    expect(() => openLibc(["no-such-a.so", "no-such-b.so"])).toThrow(
      /^no C library was found under no-such-a\.so, no-such-b\.so \(.+\): install glibc 2\.17 or newer, or musl$/,
    );
  });
});
