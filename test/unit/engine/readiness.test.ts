// What is written before the first advert of an instance, and what can wait.
import { expect, test } from "bun:test";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { plainAddress, plainInstance } from "../../../src/config/plain.ts";
import { Instance } from "../../../src/engine/instance.ts";
import type { Parts } from "../../../src/engine/parts.ts";
import { Readiness } from "../../../src/engine/readiness.ts";
import type { Statics } from "../../../src/engine/statics.ts";
import { COUNTER_SLOTS } from "../../../src/messages.ts";
import { NO_EFFECTS } from "../../support/effects.ts";
import type { Group } from "../../../src/vrrp/group.ts";
import { linksWith } from "../../support/links.ts";

/** What happens when an instance with this configuration finds nothing in its way. */
function evaluated(settings: Partial<InstanceConfig>, group: Group | null = null): string[] {
  const done: string[] = [];
  const virtual = "192.0.2.1";
  const links = linksWith(7, "eth0", ["192.0.2.2"]);
  const config = plainInstance({
    interface: "eth0",
    addresses: [plainAddress(virtual, 24, "eth0")],
    ...settings,
  });
  const counters = new Float64Array(new SharedArrayBuffer(COUNTER_SLOTS * 8));
  const effects = { ...NO_EFFECTS, advertise: () => done.push("advert"), hold: () => done.push("hold") };
  const instance = new Instance(0, { id: 1, config, counters, scripts: {}, tracked: {} }, effects);
  instance.group = group;
  const { holding } = instance;
  const { build } = holding;
  holding.build = (...known) => {
    done.push("messages");
    build.apply(holding, known);
  };
  const parts = {
    links,
    bfd: { isUp: () => true },
    roster: { isVirtual: (address: Uint8Array) => address.join(".") === virtual },
    transport: { attach: () => done.push("attached"), fitBuffer: () => {} },
    vmacs: { ensure: () => null, takeMade: () => false },
    groups: { settle: () => {}, rearm: () => {} },
  } as unknown as Parts;
  new Readiness(parts, {} as Statics).evaluate(instance, 0);
  return done;
}

test("an owner's advert waits for no message to the kernel, nor do those of the instances after it", () => {
  expect(evaluated({ priority: 255 })).toEqual(["attached", "advert", "hold"]);
});

test("a Backup has its messages before a takeover, and so has who waits for its group", () => {
  expect(evaluated({ priority: 100 })).toEqual(["attached", "messages"]);
  const holdsBack = { ready: () => {}, obstacle: () => null } as unknown as Group;
  expect(evaluated({ priority: 255 }, holdsBack)).toEqual(["attached", "messages"]);
});
