// What the control thread knows of the BFD sessions: their memory, their last state, and what the log says of it.
import { ADMIN_DOWN, BFD_REFUSALS, diagnosticName, DOWN, STATES, UP } from "../bfd/packet.ts";
import type { Config } from "../config/model.ts";
import type { BfdConfig } from "../config/sessions.ts";
import { BFD_COUNTERS, BFD_GAUGES, type EngineBfd, type FromEngine } from "../messages.ts";
import type { BfdFacts } from "../status/bfd.ts";
import type { Log } from "./log.ts";

const SLOTS = BFD_COUNTERS.length + BFD_GAUGES.length + BFD_REFUSALS.length;

/** The sessions of the running configuration, by name. */
export class BfdSessions {
  readonly #facts = new Map<string, BfdFacts & { memory: SharedArrayBuffer }>();

  /** From now on these run. Returns them for the engine; one of a known name goes on counting. */
  replace(sessions: readonly BfdConfig[], nowUs: number): EngineBfd[] {
    const before = new Map(this.#facts);
    this.#facts.clear();
    for (const session of sessions) {
      const known = before.get(session.name);
      const memory = known?.memory ?? new SharedArrayBuffer(SLOTS * 8);
      const fresh = { state: DOWN, diagnostic: 0, remoteDiagnostic: 0, sinceUs: nowUs };
      const slots = new Float64Array(memory);
      this.#facts.set(session.name, { ...fresh, ...known, config: session, memory, slots });
    }
    return [...this.#facts.values()].map(({ config, memory }) => ({ config, counters: memory }));
  }

  /** In the order of the configuration. */
  all(): BfdFacts[] {
    return [...this.#facts.values()];
  }

  /** Takes over a change of state, and logs it in keepalived's words. */
  update(message: Extract<FromEngine, { type: "bfd" }>, config: Config, log: Log): void {
    const { name, state, diagnostic, remoteDiagnostic, atUs } = message;
    const facts = this.#facts.get(name);
    if (facts === undefined) return;
    const was = facts.state;
    facts.state = state;
    facts.diagnostic = diagnostic;
    facts.remoteDiagnostic = remoteDiagnostic;
    if (was === state) return;
    facts.sinceUs = atUs;
    const reasons = `Local diagnostic - ${diagnosticName(diagnostic)}, Remote diagnostic - ${
      diagnosticName(remoteDiagnostic)
    }`;
    log.write("info", `Entering ${STATES[state]} state${state <= DOWN ? ` (${reasons})` : ""}`, name);
    if (state === ADMIN_DOWN || (was === UP) === (state === UP)) return;
    for (const { name: instance, trackBfds } of config.instances) {
      if (!trackBfds.some(({ bfd }) => bfd === name)) continue;
      const now = state === UP ? "UP" : "DOWN";
      log.write("info", `VRRP_Instance(${instance}) Tracked BFD instance ${name} is ${now}`);
    }
  }
}
