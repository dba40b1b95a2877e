// HTTP over TCP and a UNIX socket, names from /etc/hosts, datagrams, timers.
import { lookup } from "node:dns/promises";
import { createSocket } from "node:dgram";
import { createConnection, createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import type { Items } from "./item.ts";

const app = new Hono()
  .get("/", (c) => c.text("text"))
  .get("/json", (c) => c.json({ a: [1, 2, 3] }));

function directory(): Disposable & { path(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), "baton-parity-"));
  return { path: (name) => join(path, name), [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

export const network: Items = {
  "HTTP over TCP": async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
    const answers = [];
    for (let i = 0; i < 200; i++) answers.push(await (await fetch(`${server.url}json`)).text());
    const missing = (await fetch(`${server.url}nothing`)).status;
    await server.stop(true);
    return [new Set(answers).size, answers[0], missing];
  },
  "HTTP over a UNIX socket": async () => {
    using temporary = directory();
    const unix = temporary.path("http");
    const server = Bun.serve({ unix, fetch: app.fetch });
    const text = await (await fetch("http://localhost/", { unix })).text();
    await server.stop(true);
    return text;
  },
  "a control socket": async () => {
    using temporary = directory();
    const path = temporary.path("control");
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const server = createServer((socket) => socket.end("answer")).listen(path, () => {
      createConnection({ path }).on("data", (part) => resolve(String(part))).on("error", reject);
    });
    const answer = await promise;
    server.close();
    return answer;
  },
  "a datagram": async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = createSocket("udp4").on("message", (message) => resolve(message.toString()));
    socket.bind(0, "127.0.0.1", () => socket.send("datagram", socket.address().port, "127.0.0.1"));
    const text = await promise;
    socket.close();
    return text;
  },
  "a name of /etc/hosts": async () => [
    (await lookup("localhost", { family: 4 })).address,
    (await Bun.dns.lookup("localhost", { backend: "libc", family: 4 }))[0]?.address,
  ],
  "a name that does not exist": async () => {
    try {
      await lookup("does-not-exist.invalid", { family: 4 });
      return "found";
    } catch (error) {
      return (error as { code?: string }).code !== undefined;
    }
  },
  "timers in order": async () => {
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(() => (order.push("30"), resolve()), 30);
    setTimeout(() => order.push("10"), 10);
    const cancelled = setTimeout(() => order.push("cancelled"), 5);
    clearTimeout(cancelled);
    setImmediate(() => order.push("immediate"));
    queueMicrotask(() => order.push("microtask"));
    let ticks = 0;
    const interval = setInterval(() => void ++ticks, 2);
    await promise;
    clearInterval(interval);
    return [order, ticks > 0];
  },
};
