// The metrics of the BFD sessions.
import { Counter, Gauge, type Registry } from "prom-client";
import { BFD_REFUSALS, STATES } from "../bfd/packet.ts";
import { BFD_COUNTERS, type BfdCounter } from "../messages.ts";
import type { BfdStatus } from "./bfd.ts";

const LABELS = ["session", "neighbor"];
const COUNTER_HELP: Record<BfdCounter, string> = {
  packets_rcvd: "BFD packets received and accepted",
  packets_sent: "BFD packets sent",
  send_errors: "BFD packets that the kernel refused to send",
  up_transitions: "Times that the BFD session came up",
  down_transitions: "Times that the BFD session went down",
};

/** Adds the metrics of the sessions. */
export function addBfdMetrics(registry: Registry, sessions: readonly BfdStatus[]): void {
  if (sessions.length === 0) return;
  const registers = [registry];
  const labelsOf = ({ name, neighbor }: BfdStatus) => ({ session: name, neighbor });
  const state = new Gauge({
    name: "baton_bfd_state",
    help: "1 for the state that the BFD session is in, else 0",
    labelNames: [...LABELS, "state"],
    registers,
  });
  const detection = new Gauge({
    name: "baton_bfd_detection_seconds",
    help: "Silence of the neighbor after which the BFD session goes down; 0 before it is heard",
    labelNames: LABELS,
    registers,
  });
  for (const session of sessions) {
    for (const name of STATES) {
      state.set({ ...labelsOf(session), state: name }, name === session.state ? 1 : 0);
    }
    detection.set(labelsOf(session), session.detection_ms / 1000);
  }
  for (const name of BFD_COUNTERS) {
    const counter = new Counter({
      name: `baton_bfd_${name}_total`,
      help: COUNTER_HELP[name],
      labelNames: LABELS,
      registers,
    });
    for (const session of sessions) counter.inc(labelsOf(session), session.counters[name]);
  }
  const refusals = new Counter({
    name: "baton_bfd_refusals_total",
    help: "Packets for the BFD session that were refused, by reason",
    labelNames: [...LABELS, "refusal"],
    registers,
  });
  for (const session of sessions) {
    for (const refusal of BFD_REFUSALS) {
      refusals.inc({ ...labelsOf(session), refusal }, session.refusals[refusal]);
    }
  }
}
