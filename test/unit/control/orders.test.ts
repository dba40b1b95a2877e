// What the engine is told, and what this thread does while the engine is at work.
import { expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BfdSessions } from "../../../src/control/bfd.ts";
import type { EngineListener } from "../../../src/control/engine.ts";
import { Instances } from "../../../src/control/instances.ts";
import { Orders, type Surroundings } from "../../../src/control/orders.ts";
import type { Config } from "../../../src/config/model.ts";
import type { FromEngine, ToEngine } from "../../../src/messages.ts";
import { load } from "../config/support.ts";

/** A configuration with so many instances. */
function configOf(count: number): Config {
  const texts = Array.from(
    { length: count },
    (_, i) =>
      `vrrp_instance i${i} {\n interface eth0\n virtual_router_id ${1 + i}
 virtual_ipaddress {\n 192.0.2.${1 + i}/24\n }\n}\n`,
  );
  return load(texts.join("")).config!;
}

/** What happens from the start with such a configuration until the engine has said these. */
function started(count: number, said: readonly FromEngine[]): string[] {
  const done: string[] = [];
  const directory = mkdtempSync(join(tmpdir(), "baton-orders-"));
  using _directory = { [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
  using collect = spyOn(Bun, "gc").mockImplementation(() => void done.push("collected"));
  using onExit = spyOn(process, "on").mockImplementation(() => process);
  const listeners: EngineListener[] = [];
  const instances = new Instances();
  const engine = {
    begin: (_beginning: unknown, listener: EngineListener) => listeners.push(listener),
    send: ({ type }: ToEngine) => done.push(`sent ${type}`),
  };
  const config = configOf(count);
  const orders = new Orders(config, {
    log: { write: () => {} },
    paths: { state: join(directory, "state"), sysctls: join(directory, "sysctls") },
    given: undefined,
    makes: () => {},
    engine,
    instances,
    bfds: new BfdSessions(),
    trackers: { scripts: {}, watched: {} },
    hear: ({ type }: FromEngine) => done.push(`heard ${type} with ${instances.all().length}`),
    ended: () => {},
  } as unknown as Surroundings);
  orders.begin(config);
  for (const message of said) listeners[0]!.hear(message);
  expect([collect.mock.calls.length > 0, onExit.mock.calls.length > 0]).toEqual([count >= 100, true]);
  return done;
}

const SAID: FromEngine[] = [{ type: "ready", notes: [] }, { type: "removed", id: 1 }, { type: "applied" }];

test("what the reading of a large file has left is collected once the engine has done its work, before anything else", () => {
  expect(started(100, SAID)).toEqual([
    "sent apply",
    "heard ready with 100",
    "collected",
    "heard removed with 100",
    "heard applied with 100",
  ]);
});

test("what a small file has left is not worth a collection", () => {
  expect(started(99, SAID)).not.toContain("collected");
});
