// BFD sessions in the status, in its text and in the metrics.
import { expect, test } from "bun:test";
import { BFD_REFUSALS } from "../../../src/bfd/packet.ts";
import { BFD_COUNTERS, BFD_GAUGES } from "../../../src/messages.ts";
import type { BfdFacts } from "../../../src/status/bfd.ts";
import { NOTHING_ELSE, type WholeFacts } from "../../../src/status/kept.ts";
import { renderMetrics } from "../../../src/status/metrics.ts";
import { buildStatus } from "../../../src/status/snapshot.ts";
import { renderTable } from "../../../src/status/text.ts";
import { BFD_COUNTED, BFD_REFUSED, bfdFacts, daemonFacts, instanceConfig, instanceFacts } from "./fixture.ts";

function whole(...sessions: BfdFacts[]): WholeFacts {
  return { ...NOTHING_ELSE, sessions };
}

test("the shape, exactly", () => {
  expect(BFD_GAUGES).toHaveLength(10);
  expect(buildStatus(daemonFacts(), [], whole(bfdFacts())).bfd).toEqual([{
    name: "gateway",
    neighbor: "192.0.2.9",
    source: null,
    multihop: false,
    state: "Up",
    since: "2026-08-01T12:00:00.250Z",
    diagnostic: "No Diagnostic",
    discriminator: 77,
    remote: { state: "Up", diagnostic: "Control Detection Time Expired", discriminator: 88 },
    transmit_ms: 50,
    detection_ms: 150,
    counters: Object.fromEntries(BFD_COUNTERS.map((name, i) => [name, BFD_COUNTED[i]!])) as never,
    refusals: Object.fromEntries(BFD_REFUSALS.map((name, i) => [name, BFD_REFUSED[i]!])) as never,
  }]);
});

test("a line of text for each session, with instances and without", () => {
  const sessions = whole(bfdFacts(), bfdFacts({ state: 1, diagnostic: 1 }));
  const lines = ["BFD gateway with 192.0.2.9: Up, silence of 150 ms is noticed"];
  lines.push("BFD gateway with 192.0.2.9: Down (Control Detection Time Expired)");
  for (const instances of [[], [instanceFacts()]]) {
    const text = renderTable(buildStatus(daemonFacts(), instances, sessions), { color: false });
    expect(text.trimEnd().split("\n").slice(-2)).toEqual(lines);
  }
  const config = instanceConfig({
    trackInterfaces: [],
    trackScripts: [],
    trackBfds: [{ bfd: "gateway", weight: 0, reverse: false }],
  });
  const text = renderTable(
    buildStatus(daemonFacts(), [instanceFacts({ config, trackers: [false] })], sessions),
    {
      color: false,
    },
  );
  expect(text).toContain("tracker    bfd gateway fails (FAULT while it fails)");
});

test("metrics", async () => {
  const labels = 'session="gateway",neighbor="192.0.2.9"';
  const lines = (await renderMetrics(buildStatus(daemonFacts(), [], whole(bfdFacts())))).split("\n");
  for (
    const line of [
      `baton_bfd_state{${labels},state="Up"} 1`,
      `baton_bfd_state{${labels},state="Down"} 0`,
      `baton_bfd_detection_seconds{${labels}} 0.15`,
      `baton_bfd_packets_sent_total{${labels}} ${BFD_COUNTED[BFD_COUNTERS.indexOf("packets_sent")]}`,
      `baton_bfd_refusals_total{${labels},refusal="ttl"} ${BFD_REFUSED[BFD_REFUSALS.indexOf("ttl")]}`,
    ]
  ) expect(lines).toContain(line);
});
