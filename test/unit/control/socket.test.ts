// The control socket: one request, one JSON answer; stale files are replaced, living daemons are not.
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, ask, type ControlSocket, serveControl } from "../../../src/control/socket.ts";
import { isAbsent } from "../../../src/status/listening.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-control-"));
const path = join(directory, "baton.sock");
const open: ControlSocket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.stop();
  rmSync(path, { force: true });
});

async function served(answers: Record<string, Answer>): Promise<void> {
  open.push(await serveControl(path, answers));
}

describe("the control socket", () => {
  test("answers a request and is open to root and its group only", async () => {
    await served({ status: () => ({ version: 1, text: "ü".repeat(2_000_000) }) });
    expect(await ask(path, "status")).toEqual({ version: 1, text: "ü".repeat(2_000_000) });
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  test("a client that has closed its half still gets the whole answer", async () => {
    await served({ status: () => ({ text: "x".repeat(3_000_000) }) });
    const { promise, resolve } = Promise.withResolvers<number>();
    let size = 0;
    const client = connect({ path, allowHalfOpen: true }, () => client.end("status\n"));
    client.on("data", (part) => size += part.length);
    client.on("end", () => resolve(size));
    expect(await promise).toBe(JSON.stringify({ text: "x".repeat(3_000_000) }).length + 1);
  });

  test("names a request that does not exist, also one of Object's own names", async () => {
    await served({ status: () => ({}) });
    expect(await ask(path, "reboot")).toEqual({ error: "there is no request reboot" });
    expect(await ask(path, "toString")).toEqual({ error: "there is no request toString" });
    expect(await ask(path, "x".repeat(500))).toEqual({ error: "the request is too long" });
  });

  test("an argument of any use arrives whole; an answer may take its time or be a refusal", async () => {
    const length = 3_000_000;
    await served({
      echo: async (argument) => ({ argument: await Promise.resolve(argument) }),
      fail: () => {
        throw new Error("no");
      },
      reject: () => Promise.reject(new Error("not now")),
    });
    expect(await ask(path, `echo a b ${"ü".repeat(length)}`)).toEqual({
      argument: `a b ${"ü".repeat(length)}`,
    });
    expect(await ask(path, "echo")).toEqual({ argument: "" });
    expect(await ask(path, "fail x")).toEqual({ error: "no" });
    expect(await ask(path, "reject")).toEqual({ error: "not now" });
    expect(await ask(path, `echo ${"x".repeat(17_000_000)}`)).toEqual({ error: "the request is too long" });
  });

  test("nobody there is told apart from everything else", async () => {
    const error = await ask(path, "status").then(() => null, (e: unknown) => e);
    expect(isAbsent(error)).toBe(true);
    expect(isAbsent(new Error("else"))).toBe(false);
  });

  test("a stale file is replaced, a living daemon is not", async () => {
    writeFileSync(path, "");
    await served({ ping: () => ({}) });
    expect(serveControl(path, {})).rejects.toThrow(`another daemon answers on ${path}`);
    open.splice(0)[0]!.stop();
    expect(existsSync(path)).toBe(false);
  });
});
