// BFD sessions in the status, in its text and in the metrics.
import { expect, test } from "bun:test";
import { BFD_REFUSALS } from "../../../src/bfd/packet.ts";
import { BFD_COUNTERS, BFD_GAUGES } from "../../../src/messages.ts";
import type { BfdFacts } from "../../../src/status/bfd.ts";
import { NOTHING_ELSE, type WholeFacts } from "../../../src/status/kept.ts";
import { renderMetrics } from "../../../src/status/metrics.ts";
import { buildStatus } from "../../../src/status/snapshot.ts";
import { renderTable } from "../../../src/status/text.ts";
import { daemonFacts, instanceConfig, instanceFacts, SINCE_US } from "./fixture.ts";

const COUNTERS = BFD_COUNTERS.map((_, i) => 10 + i);
const REFUSALS = BFD_REFUSALS.map((_, i) => 20 + i);

function facts(values: Partial<BfdFacts> = {}): BfdFacts {
  return {
    config: {
      name: "gateway",
      family: "ipv4",
      neighbor: "192.0.2.9",
      source: null,
      minRxUs: 50_000,
      minTxUs: 50_000,
      idleTxUs: 1_000_000,
      multiplier: 3,
      passive: false,
      ttl: 255,
      lowestTtl: 255,
      multihop: false,
      weight: 0,
      reverse: false,
    },
    state: 3,
    diagnostic: 0,
    remoteDiagnostic: 1,
    sinceUs: SINCE_US,
    slots: Float64Array.from([
      ...COUNTERS,
      77,
      88,
      3,
      50_000,
      150_000,
      40_000,
      30_000,
      3,
      SINCE_US,
      0,
      ...REFUSALS,
    ]),
    ...values,
  };
}

function whole(...sessions: BfdFacts[]): WholeFacts {
  return { ...NOTHING_ELSE, sessions };
}

test("the shape, exactly", () => {
  expect(BFD_GAUGES).toHaveLength(10);
  expect(buildStatus(daemonFacts(), [], whole(facts())).bfd).toEqual([{
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
    counters: Object.fromEntries(BFD_COUNTERS.map((name, i) => [name, COUNTERS[i]!])) as never,
    refusals: Object.fromEntries(BFD_REFUSALS.map((name, i) => [name, REFUSALS[i]!])) as never,
  }]);
});

test("a line of text for each session, with instances and without", () => {
  const sessions = whole(facts(), facts({ state: 1, diagnostic: 1 }));
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
  const lines = (await renderMetrics(buildStatus(daemonFacts(), [], whole(facts())))).split("\n");
  for (
    const line of [
      `baton_bfd_state{${labels},state="Up"} 1`,
      `baton_bfd_state{${labels},state="Down"} 0`,
      `baton_bfd_detection_seconds{${labels}} 0.15`,
      `baton_bfd_packets_sent_total{${labels}} ${COUNTERS[BFD_COUNTERS.indexOf("packets_sent")]}`,
      `baton_bfd_refusals_total{${labels},refusal="ttl"} ${REFUSALS[BFD_REFUSALS.indexOf("ttl")]}`,
    ]
  ) expect(lines).toContain(line);
});
