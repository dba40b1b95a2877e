// What each path of the status endpoint answers.
import { expect, test } from "bun:test";
import { createApp, type Health } from "../../../src/status/app.ts";
import { buildStatus, type Status } from "../../../src/status/snapshot.ts";
import { daemonFacts, exampleStatus, instanceFacts } from "./fixture.ts";

const app = createApp(exampleStatus);
const READY = buildStatus(daemonFacts(), [instanceFacts(), instanceFacts({ state: "BACKUP" })]);

test("/ is text for curl", async () => {
  const answer = await app.request("/", { headers: { Accept: "*/*" } });
  expect(answer.headers.get("content-type")).toStartWith("text/plain");
  const text = await answer.text();
  expect(text).toContain("VI_1    MASTER");
  expect(text).not.toContain("\x1b");
});

test("/ is a page for a browser, without outside assets and without data in it", async () => {
  const answer = await app.request("/", { headers: { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
  expect(answer.headers.get("content-type")).toStartWith("text/html");
  expect(answer.headers.get("vary")).toBe("Accept");
  const page = await answer.text();
  expect(page).not.toMatch(/https?:|<link|\bsrc=|@import|url\(/);
  expect(page).not.toContain("VI_1");
});

test("the page's policy allows its own script and style, by their hashes", async () => {
  const answer = await app.request("/", { headers: { Accept: "text/html" } });
  const page = await answer.text();
  const policy = answer.headers.get("content-security-policy") ?? "";
  for (const [element, directive] of [["style", "style-src"], ["script", "script-src"]] as const) {
    const source = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? "";
    const hash = new Bun.CryptoHasher("sha256").update(source).digest("base64");
    expect(policy).toContain(`${directive} 'sha256-${hash}'`);
  }
  expect(policy).toContain("default-src 'none'");
});

test("/status is the JSON", async () => {
  const answer = await app.request("/status");
  expect(answer.headers.get("content-type")).toStartWith("application/json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.json()).toEqual(exampleStatus());
});

test("/metrics has the content type of the Prometheus text format", async () => {
  const answer = await app.request("/metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await answer.text()).toContain("baton_info{");
});

test("/healthz follows the engine", async () => {
  let health: Health = { healthy: true, reason: "" };
  const watched = createApp(() => READY, () => health);
  expect((await watched.request("/healthz")).status).toBe(200);
  expect((await watched.request("/readyz")).status).toBe(200);
  health = { healthy: false, reason: "the engine thread has ended" };
  const answer = await watched.request("/healthz");
  expect([answer.status, await answer.text()]).toEqual([503, "not healthy: the engine thread has ended\n"]);
  expect((await watched.request("/readyz")).status).toBe(503);
});

test("/readyz names who is not ready, and why", async () => {
  const answer = await app.request("/readyz");
  expect(answer.status).toBe(503);
  expect(await answer.text()).toBe("not ready:\nbroken is FAULT: interface bond0 is down\n");
  const init = buildStatus(daemonFacts(), [
    instanceFacts({ state: "INIT", reason: "script chk has no result yet" }),
  ]);
  const pending = await createApp(() => init).request("/readyz");
  expect(await pending.text()).toContain("VI_1 is INIT: script chk has no result yet");
});

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s is not allowed", async (method) => {
  for (const path of ["/", "/status", "/metrics", "/nowhere"]) {
    const answer = await app.request(path, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  }
});

test("HEAD answers without a body", async () => {
  const answer = await app.request("/status", { method: "HEAD" });
  expect([answer.status, await answer.text()]).toEqual([200, ""]);
});

test("an unknown path lists the known ones", async () => {
  const answer = await app.request("/nowhere");
  expect(answer.status).toBe(404);
  const text = await answer.text();
  for (const path of ["/status", "/healthz", "/readyz", "/metrics"]) expect(text).toContain(`\n${path} `);
});

test("a fault in the facts is one line, not a stack", async () => {
  const broken = createApp((): Status => {
    throw new Error("no facts");
  });
  for (const path of ["/", "/status", "/metrics", "/readyz"]) {
    const answer = await broken.request(path);
    expect([answer.status, await answer.text()]).toEqual([500, "the status could not be made: no facts\n"]);
  }
});
