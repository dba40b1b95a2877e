// The status as text.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { buildStatus } from "../../../src/status/snapshot.ts";
import { duration, renderTable } from "../../../src/status/text.ts";
import {
  daemonFacts,
  exampleStatus,
  instanceConfig,
  instanceFacts,
  ROUTED,
  SINCE_US,
  WHOLE,
} from "./fixture.ts";

const NOW_MS = SINCE_US / 1000 + 425_000;
const ESC = "\x1b";

test("one table for people", () => {
  expect(renderTable(exampleStatus(), { color: false, nowMs: NOW_MS })).toBe(
    `baton 0.1.0, pid 4242, up 1h 2m, /etc/keepalived/keepalived.conf

NAME    STATE   SINCE                         INTERFACE  VRID  VERSION  PRIORITY        MASTER
VI_1    MASTER  2026-08-01T12:00:00Z (7m 5s)  eth0       51    v2 ipv4  120 (base 100)  this router
    reason     no advert from 10.0.0.2 for 3.609 s (3 x 1 s + 0.609 s skew)
    addresses  * 10.0.0.100 on eth0 (held)
               * 10.0.0.101 on eth1 (held)
                 2001:db8::1 on eth0
    tracker    script gateway fails (weight -30)
web6    BACKUP  2026-08-01T12:00:00Z (7m 5s)  eth1.200   7     v3 ipv6  100             fe80::2 (150)
    reason     startup
    addresses    10.0.0.100 on eth0
                 10.0.0.101 on eth1
broken  FAULT   2026-08-01T12:00:00Z (7m 5s)  bond0      255   v2 ipv4  100             -
    reason     interface bond0 is down
`,
  );
});

test("colours change nothing else", () => {
  const plain = renderTable(exampleStatus(), { color: false, nowMs: NOW_MS });
  const painted = renderTable(exampleStatus(), { color: true, nowMs: NOW_MS });
  expect(painted).toContain(`${ESC}[1;32mMASTER${ESC}[0m`);
  expect(painted).toContain(`${ESC}[1;31mFAULT${ESC}[0m`);
  expect(Bun.stripANSI(painted)).toBe(plain);
});

test("no instance", () => {
  expect(renderTable(buildStatus(daemonFacts(), []), { color: false })).toBe(
    "baton 0.1.0, pid 4242, up 1h 2m, /etc/keepalived/keepalived.conf\n\nno instance is configured\n",
  );
});

test("a tracker without a result says so, weight 0 names its effect", () => {
  const config = instanceConfig({
    trackScripts: [{ script: "chk", weight: 0, reverse: false }],
    trackInterfaces: [],
  });
  const lines = (ok: boolean | null) =>
    renderTable(buildStatus(daemonFacts(), [instanceFacts({ config, trackers: [ok] })]), {
      color: false,
      nowMs: NOW_MS,
    });
  expect(lines(null)).toContain("tracker    script chk has no result yet (FAULT while it fails)");
  expect(lines(false)).toContain("tracker    script chk fails (FAULT while it fails)");
  expect(lines(true)).not.toContain("chk");
});

test("no control character of a name reaches the terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, reason) => {
      const config = instanceConfig({ name: `${name}${ESC}[2J`, interface: name });
      const text = renderTable(
        buildStatus(daemonFacts({ config: name }), [instanceFacts({ config, reason })]),
        {
          color: false,
          nowMs: NOW_MS,
        },
      );
      expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test.each([[0, "0s"], [59, "59s"], [60, "1m 0s"], [3599, "59m 59s"], [3600, "1h 0m"], [90061, "1d 1h"], [
  -5,
  "0s",
]])(
  "%p s is %p",
  (seconds, text) => expect(duration(seconds)).toBe(text),
);

test("routes, rules, groups and what is static have lines of their own", () => {
  const facts = instanceFacts({ config: instanceConfig(ROUTED), routes: [true, false] });
  const text = renderTable(buildStatus(daemonFacts(), [facts], WHOLE), { color: false });
  expect(text.split("\n").slice(-12)).toEqual([
    "    group      SG",
    "    addresses  * 10.0.0.100 on eth0 (held)",
    "               * 10.0.0.101 on eth1 (held)",
    "                 2001:db8::1 on eth0",
    "    routes     * default via 10.0.0.9 (there)",
    "                 rule from 10.9.0.0/16 table 9 priority 5",
    "    tracker    script gateway fails (weight -30)",
    "sync group SG: VI_1 MASTER",
    "static",
    "    addresses  * 10.7.0.1 on eth0 (held)",
    "    routes       10.8.0.0/16 dev eth0",
    "",
  ]);
});
