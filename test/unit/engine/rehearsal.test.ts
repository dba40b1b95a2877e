// What a rehearsal goes through: both families, adverts as packets and as frames, and the blocking of addresses.
import { expect, test } from "bun:test";
import { monotonicUs } from "../../../native/clock.ts";
import { Instance } from "../../../src/engine/instance.ts";
import { rehearse } from "../../../src/engine/rehearsal.ts";
import { Links } from "../../../src/engine/links.ts";

test("each lane of adverts has its takeovers, and each takeover its blocked addresses", () => {
  const lanes: string[] = [];
  const sent = new Set<string>();
  let blocked = 0;
  let takeovers = 0;
  const links = new Links();
  const nothing = () => {};
  const lane = (actor: Instance) => actor.attachment!.lane;
  let actor: Instance;
  const effects = {
    advertise: () => void sent.add(lane(actor)),
    hold: () => void takeovers++,
    release: nothing,
    announce: nothing,
    transition: nothing,
    heard: nothing,
    delaying: nothing,
    left: nothing,
  };
  rehearse({
    enter: (entry, link) => {
      links.update(link);
      actor = new Instance(0, entry, effects);
      return actor;
    },
    leave: () => void lanes.push(lane(actor)),
    accepted: (instance, advert, packet) => instance.router.advert(monotonicUs(), advert, packet),
    receive: nothing,
    block: () => void blocked++,
    rearm: nothing,
    turn: () => actor.router.expire(monotonicUs()),
    flush: nothing,
  });
  expect(lanes).toEqual(["ipv4", "ipv6", "frame"]);
  expect([...sent]).toEqual(lanes);
  expect(takeovers).toBeGreaterThanOrEqual(6);
  expect(blocked).toBe(takeovers);
});
