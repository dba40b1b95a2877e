// The `bfd` section of the status, and its lines of text.
import { BFD_REFUSALS, type BfdRefusal, type BfdState, diagnosticName, STATES, UP } from "../bfd/packet.ts";
import type { BfdConfig } from "../config/sessions.ts";
import { BFD_COUNTERS, BFD_GAUGES, type BfdCounter } from "../messages.ts";

/** One session, for people and programs. */
export interface BfdStatus {
  name: string;
  neighbor: string;
  /** Null = as the routing table says. */
  source: string | null;
  multihop: boolean;
  state: BfdState;
  /** When it entered the state, RFC 3339 in UTC. */
  since: string;
  diagnostic: string;
  discriminator: number;
  /** As the neighbor last told; discriminator 0 = it is not heard. */
  remote: { state: BfdState; diagnostic: string; discriminator: number };
  /** Interval between our packets before jitter; 0 = none are sent. */
  transmit_ms: number;
  /** After this silence the session goes down; 0 = the neighbor has not been heard yet. */
  detection_ms: number;
  counters: Record<BfdCounter, number>;
  refusals: Record<BfdRefusal, number>;
}

/** What the control thread knows of a session. Numbers as RFC 5880 section 4.1 has them. */
export interface BfdFacts {
  config: BfdConfig;
  state: number;
  diagnostic: number;
  remoteDiagnostic: number;
  /** CLOCK_REALTIME of the last change of state. */
  sinceUs: number;
  /** BFD_COUNTERS, BFD_GAUGES, BFD_REFUSALS: the memory that the engine writes. */
  slots: Float64Array;
}

/** A copy of what may be shown. */
export function buildBfd({ config, slots, ...facts }: BfdFacts): BfdStatus {
  const { name, neighbor, source, multihop } = config;
  const gauges = gaugesOf(slots);
  return {
    name,
    neighbor,
    source,
    multihop,
    state: stateName(facts.state),
    since: new Date(facts.sinceUs / 1000).toISOString(),
    diagnostic: diagnosticName(facts.diagnostic),
    discriminator: gauges.discriminator,
    remote: {
      state: stateName(gauges.remote_state),
      diagnostic: diagnosticName(facts.remoteDiagnostic),
      discriminator: gauges.remote_discriminator,
    },
    transmit_ms: gauges.transmit_us / 1000,
    detection_ms: gauges.detection_us / 1000,
    counters: read(slots, BFD_COUNTERS, 0),
    refusals: read(slots, BFD_REFUSALS, BFD_COUNTERS.length + BFD_GAUGES.length),
  };
}

/** What the engine last wrote of a session. */
export function gaugesOf(slots: Float64Array): Record<(typeof BFD_GAUGES)[number], number> {
  return read(slots, BFD_GAUGES, BFD_COUNTERS.length);
}

function read<Name extends string>(
  slots: Float64Array,
  names: readonly Name[],
  from: number,
): Record<Name, number> {
  return Object.fromEntries(names.map((each, i) => [each, slots[from + i] ?? 0])) as Record<Name, number>;
}

function stateName(state: number): BfdState {
  return STATES[state] ?? "Down";
}

/** One line for each session, for `baton status`. */
export function bfdLines(sessions: readonly BfdStatus[]): string[] {
  return sessions.map((session) => {
    const { name, neighbor, state, detection_ms } = session;
    const up = state === STATES[UP];
    const detail = up ? `, silence of ${detection_ms} ms is noticed` : ` (${session.diagnostic})`;
    return `BFD ${name} with ${neighbor}: ${state}${detail}`;
  });
}
