// What happens in the demo, act by act; each act waits for what it shows, and fails if that does not happen.
import { monotonicUs } from "../../../native/clock.ts";
import type { Color, Display, Speaker } from "./display.ts";
import { LOST_AFTER_US, type Outage, PING_INTERVAL_US, type Pings } from "./pings.ts";
import type { InstanceStatus } from "../../status/snapshot.ts";
import type { Network } from "./network.ts";
import type { Router } from "./router.ts";

/** The stage: everything that an act needs. */
export interface Stage {
  network: Network;
  /** Router A, of the higher priority, and router B. */
  a: Router;
  b: Router;
  pings: Pings;
  /** The shared address. */
  shared: string;
  display: Display;
  /** Aborted when the demo is to end early. */
  signal: AbortSignal;
}

/** Something that the demo wanted to show did not happen. */
export class StoryError extends Error {}

/** The longest that anything may take; on an idle machine nothing takes a tenth of it. */
const LIMIT_MS = 10_000;
const LOOK_MS = 20;
/** Between acts, for the reader. */
const PAUSE_MS = 700;

/** Runs all acts. Throws StoryError, or the signal's reason. */
export async function tell(stage: Stage): Promise<void> {
  const story = new Story(stage);
  await story.election();
  await story.daemonKilled();
  await story.recovery("3. Recovery: router A's daemon starts again");
  await story.machineDies();
  await story.recovery("5. Recovery: router A is plugged in and starts again");
  await story.plannedStop();
  story.summary();
}

class Story {
  readonly #stage: Stage;
  readonly #results: string[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async election(): Promise<void> {
    const { a, b, pings, shared } = this.#stage;
    this.#heading("1. Election: both routers start");
    a.start();
    b.start();
    await this.#masterAndBackup(a, b, "router A as master with router B behind it");
    const why = `priority ${a.priority} is above ${b.priority}`;
    this.#say("demo", `router A is the master (${why}) and has ${shared}; router B follows it`, "green");
    const sinceUs = monotonicUs();
    pings.start();
    await this.#until(() => pings.answeredSince(sinceUs), `an answer to the client's ping of ${shared}`);
    this.#say("client", `${shared} answers; a ping every ${PING_INTERVAL_US / 1000} ms from now on`);
    this.#results.push(`election         router A is master: ${why}`);
    await this.#pause();
  }

  async daemonKilled(): Promise<void> {
    const { a, network, shared } = this.#stage;
    this.#heading("2. The master's daemon is killed (SIGKILL): it cannot say goodbye");
    const killedMs = performance.now();
    const gap = await this.#takeover(async () => {
      this.#say("demo", `SIGKILL to router A's daemon, pid ${a.pid}`, "red");
      await a.kill();
    });
    const left = network.lifetimeS(a.machine, shared);
    if (left !== null) {
      if (gap.lost === 0) {
        this.#say("client", "router A's kernel answered until router B announced the address");
      }
      this.#say("router A", `its kernel still has ${shared}, but nobody renews the lifetime any more`);
    }
    await this.#addressExpires(killedMs);
    this.#results.push(`daemon killed    router B took over; ${describeGap(gap)}`);
    await this.#pause();
  }

  async machineDies(): Promise<void> {
    const { a, network } = this.#stage;
    this.#heading("4. The master's whole machine dies: SIGKILL, and its cable is pulled");
    const killedMs = performance.now();
    const gap = await this.#takeover(async () => {
      this.#say("demo", `router A's cable is pulled, SIGKILL to its daemon, pid ${a.pid}`, "red");
      const ended = a.kill(); // first, or the daemon would see the cable go
      network.plug(a.machine, false);
      await ended;
    });
    await this.#addressExpires(killedMs);
    this.#results.push(`machine dies     router B took over; ${describeGap(gap)}`);
    await this.#pause();
  }

  /** Router A comes back and takes over from router B, which is alive. */
  async recovery(title: string): Promise<void> {
    const { a, b, network } = this.#stage;
    this.#heading(title);
    const sinceUs = monotonicUs();
    network.plug(a.machine, true);
    await this.#until(() => network.plugged(a.machine), "a carrier on router A's interface");
    a.start();
    await this.#masterAndBackup(a, b, "router A as master again");
    this.#say("demo", "router A is the master again", "green");
    const gap = await this.#clientSettles(sinceUs);
    this.#results.push(`recovery         router A preempted router B; ${describeGap(gap)}`);
    await this.#pause();
  }

  async plannedStop(): Promise<void> {
    const { a, b, network, shared } = this.#stage;
    this.#heading("6. Planned stop: SIGTERM, first the master, then the other");
    const gap = await this.#takeover(async () => {
      this.#say("demo", `SIGTERM to router A's daemon, pid ${a.pid}: it resigns with priority 0`);
      await this.#stops(a);
    });
    this.#results.push(`planned stop     router B took over; ${describeGap(gap)}`);
    this.#say("demo", `SIGTERM to router B's daemon, pid ${b.pid}: nobody is left to take over`);
    await this.#stops(b);
    for (const { machine, name } of [a, b]) {
      if (network.lifetimeS(machine, shared) !== null) {
        throw new StoryError(`${name} left ${shared} behind after its stop`);
      }
    }
    this.#say("demo", `neither router has ${shared} any more: they leave as they came`, "green");
  }

  summary(): void {
    this.#heading("What happened");
    for (const result of this.#results) this.#stage.display.text(`  ${result}`);
  }

  /** The end of router A by `end`, and what router B and the client make of it. */
  async #takeover(end: () => Promise<void>): Promise<Outage> {
    const { b, network, shared } = this.#stage;
    const atMs = Date.now();
    const sinceUs = monotonicUs();
    await end();
    await this.#until(
      async () => isMaster(await b.refresh(), b) && network.lifetimeS(b.machine, shared) !== null,
      `router B as master with ${shared}`,
    );
    const afterMs = Math.max(0, Date.parse(b.status?.since ?? "") - atMs);
    this.#say("demo", `router B took over after ${afterMs} ms`, "green");
    return await this.#clientSettles(sinceUs);
  }

  /** Waits until pings are answered again, and tells what was lost since then. */
  async #clientSettles(sinceUs: number): Promise<Outage> {
    const { pings, shared } = this.#stage;
    const nowUs = monotonicUs();
    await this.#until(() => pings.answeredSince(nowUs), `an answer to the client's ping of ${shared}`);
    await this.#sleep(LOST_AFTER_US / 1000 + 2 * PING_INTERVAL_US / 1000);
    const gap = pings.outageSince(sinceUs);
    this.#say("client", describeGap(gap), gap.lost === 0 ? "green" : "yellow");
    return gap;
  }

  /** Dead man's switch: what router A's kernel still has goes by itself. */
  async #addressExpires(killedMs: number): Promise<void> {
    const { a, network, shared } = this.#stage;
    await this.#until(
      () => network.lifetimeS(a.machine, shared) === null,
      `the end of the lifetime of ${shared} on router A`,
    );
    const seconds = ((performance.now() - killedMs) / 1000).toFixed(1);
    this.#say(
      "router A",
      `its kernel has let ${shared} go, ${seconds} s after the kill: that is the dead man's switch`,
    );
  }

  async #masterAndBackup(master: Router, backup: Router, what: string): Promise<void> {
    const { network, shared } = this.#stage;
    await this.#until(async () => {
      const [above, below] = await Promise.all([master.refresh(), backup.refresh()]);
      return isMaster(above, master) && below?.state === "BACKUP" &&
        backup.lastTransition?.state === "BACKUP" && below.master?.address === master.address &&
        below.addresses.every((entry) => !entry.held) &&
        network.lifetimeS(master.machine, shared) !== null &&
        network.lifetimeS(backup.machine, shared) === null;
    }, what);
  }

  async #stops(router: Router): Promise<void> {
    const code = await router.stop();
    if (code === 0) return;
    throw new StoryError(`${router.name}'s daemon did not stop in order (${code ?? "it had to be killed"})`);
  }

  /** Waits until `check` holds. A daemon that ends by itself, or ten seconds, end the wait with an error. */
  async #until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const { a, b } = this.#stage;
    const running = [a, b].filter((router) => router.pid !== 0);
    const endMs = performance.now() + LIMIT_MS;
    while (!(await check())) {
      const ended = running.find((router) => router.pid === 0);
      if (ended !== undefined) {
        throw new StoryError(
          `${ended.name}'s daemon has ended by itself: ${ended.lastError || "it did not say why"}`,
        );
      }
      if (performance.now() > endMs) {
        const states = [a, b].map(({ name, status }) => `${name} is ${status?.state ?? "silent"}`).join(", ");
        throw new StoryError(`there was no ${what} within ${LIMIT_MS / 1000} s (${states})`);
      }
      await this.#sleep(LOOK_MS);
    }
  }

  async #sleep(ms: number): Promise<void> {
    const { signal } = this.#stage;
    signal.throwIfAborted();
    await Bun.sleep(ms);
    signal.throwIfAborted();
  }

  #pause(): Promise<void> {
    return this.#sleep(PAUSE_MS);
  }

  #heading(text: string): void {
    this.#stage.display.heading(text);
  }

  #say(speaker: Speaker, text: string, color?: Color): void {
    this.#stage.display.line(speaker, text, color);
  }
}

/** Master by its status, with all addresses, and by its log. */
function isMaster(status: InstanceStatus | null, router: Router): boolean {
  return status?.state === "MASTER" && status.addresses.every((entry) => entry.held) &&
    router.lastTransition?.state === "MASTER";
}

/** "ping gap 370 ms (36 pings lost)". */
export function describeGap({ lost, gapUs }: Outage): string {
  const pings = lost === 0 ? "no ping lost" : lost === 1 ? "1 ping lost" : `${lost} pings lost`;
  return `ping gap ${Math.round(gapUs / 1000)} ms (${pings})`;
}
