// The status endpoint on real sockets, and what is said when it cannot listen.
import { expect, test } from "bun:test";
import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { createApp } from "../../../src/status/app.ts";
import { parseListen } from "../../../src/status/listen.ts";
import { ListenError, serve } from "../../../src/status/server.ts";
import { exampleStatus } from "./fixture.ts";

const app = createApp(exampleStatus);

class SocketDirectory {
  readonly path = mkdtempSync("/tmp/baton-sockets-");
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

async function refusal(listen: string): Promise<string> {
  try {
    await (await serve(app, listen)).stop();
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ListenError);
    return error instanceof Error ? error.message : "";
  }
}

test.each(["127.0.0.1:0", "[::1]:0"])("on %p", async (listen) => {
  const server = await serve(app, listen);
  try {
    expect(server.url).toMatch(/^http:\/\/.+:[1-9][0-9]*\/$/);
    expect(await (await fetch(`${server.url}status`)).json()).toEqual(exampleStatus());
  } finally {
    await server.stop();
  }
  await expect(fetch(server.url)).rejects.toThrow();
});

test("on a UNIX socket that only root and its group may use, gone after the stop", async () => {
  using dir = new SocketDirectory();
  const path = `${dir.path}/s`;
  const umask = process.umask();
  const server = await serve(app, `unix:${path}`);
  try {
    expect(process.umask()).toBe(umask);
    expect(server.url).toBe(`unix:${path}`);
    expect(lstatSync(path).mode & 0o777).toBe(0o660);
    expect(await (await fetch("http://baton/status", { unix: path })).json()).toEqual(exampleStatus());
  } finally {
    await server.stop();
  }
  expect(existsSync(path)).toBe(false);
});

test("a socket file that a killed daemon left is replaced", async () => {
  using dir = new SocketDirectory();
  const path = `${dir.path}/s`;
  const code = `Bun.serve({ unix: ${
    JSON.stringify(path)
  }, fetch: () => new Response() }); process.kill(process.pid, "SIGKILL")`;
  await Bun.spawn([process.execPath, "-e", code]).exited;
  expect(lstatSync(path).isSocket()).toBe(true);
  const server = await serve(app, `unix:${path}`);
  expect((await fetch("http://baton/healthz", { unix: path })).status).toBe(200);
  await server.stop();
});

test("a socket that somebody answers on is left alone", async () => {
  using dir = new SocketDirectory();
  const path = `${dir.path}/s`;
  const server = await serve(app, `unix:${path}`);
  try {
    expect(await refusal(`unix:${path}`)).toBe(
      `another program listens on ${path}: stop it, or choose another path`,
    );
    expect((await fetch("http://baton/healthz", { unix: path })).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test("a file that is no socket is left alone", async () => {
  using dir = new SocketDirectory();
  const path = `${dir.path}/data`;
  writeFileSync(path, "precious");
  expect(await refusal(`unix:${path}`)).toBe(
    `${path} exists and is not a socket: remove it, or choose another path`,
  );
  expect(existsSync(path)).toBe(true);
});

test("a port in use, a foreign address, a missing directory: one sentence each", async () => {
  const server = await serve(app, "127.0.0.1:0");
  const { port } = new URL(server.url);
  try {
    expect(await refusal(`127.0.0.1:${port}`)).toBe(
      `another program listens on 127.0.0.1 port ${port}: stop it, or choose another address`,
    );
  } finally {
    await server.stop();
  }
  expect(await refusal("192.0.2.1:0")).toContain("this machine does not have that address");
  expect(await refusal("unix:/no/such/dir/s")).toBe(
    "the directory of /no/such/dir/s does not exist: create it, or choose another path",
  );
});

test.each([
  ["", "is not an address to listen on"],
  ["9112", "is not an address to listen on"],
  [":9112", "is not an address to listen on"],
  ["::1:9112", "is not an address to listen on"],
  ["127.0.0.1", "is not an address to listen on"],
  ["127.0.0.1:x", "is not an address to listen on"],
  ["127.0.0.1:65536", "has no valid port"],
  ["[127.0.0.1]:80", "has no valid IPv6 address"],
  ["[]:80", "has no valid IPv6 address"],
  ["example.org:80", "does not name an address of this machine"],
  ["300.0.0.1:80", "does not name an address of this machine"],
  ["unix:", "needs a full path"],
  ["unix:relative", "needs a full path"],
  [`unix:/${"x".repeat(107)}`, "is too long: at most 107 bytes"],
])("%p is refused", async (listen, message) => expect(await refusal(listen)).toContain(message));

test("what is listened on", () => {
  expect(parseListen("0.0.0.0:9112")).toEqual({ kind: "tcp", hostname: "0.0.0.0", port: 9112 });
  expect(parseListen("[::]:80")).toEqual({ kind: "tcp", hostname: "::", port: 80 });
  expect(parseListen("localhost:80")).toEqual({ kind: "tcp", hostname: "localhost", port: 80 });
  expect(parseListen("unix:/run/a:b")).toEqual({ kind: "unix", path: "/run/a:b" });
});

test("any text is an address or one sentence", () => {
  const shaped = fc.tuple(fc.constantFrom("unix:", "unix:/", "[", "127.0.0.1:", ""), fc.string()).map((
    parts,
  ) => parts.join(""));
  fc.assert(fc.property(shaped, (text) => {
    const parsed = parseListen(text);
    if ("error" in parsed) expect(parsed.error.length).toBeGreaterThan(20);
    else if (parsed.kind === "tcp") expect(parsed.port >= 0 && parsed.port <= 65535).toBe(true);
    else expect(parsed.path.startsWith("/")).toBe(true);
  }));
});

test("IPv4 and IPv6 addresses come back as they went in", () => {
  fc.assert(fc.property(fc.ipV4(), fc.ipV6(), fc.nat(65535), (four, six, port) => {
    expect(parseListen(`${four}:${port}`)).toEqual({ kind: "tcp", hostname: four, port });
    expect(parseListen(`[${six}]:${port}`)).toEqual({ kind: "tcp", hostname: six, port });
  }));
});
