// What the engine reports, and who hears of it: the log, the notifications, the state file, the service manager.
import type { Config, GroupConfig } from "../config/model.ts";
import type { FromEngine, State } from "../messages.ts";
import type { NotifyState, Subject } from "../notify/script.ts";
import type { InstanceFacts } from "../status/snapshot.ts";
import { describeCause } from "../vrrp/reason.ts";
import type { BfdSessions } from "./bfd.ts";
import type { Instances } from "./instances.ts";
import type { Kept } from "./kept.ts";
import type { Log } from "./log.ts";
import type { Notifier } from "./notifier.ts";
import { keepalivedPhrase } from "./phrases.ts";
import { announcingLines, intervalLine, type Line, linesAfter, linesBefore, masterLine } from "./shapes.ts";

/** Those who hear of the reports, and what they are read against. */
export interface Listeners {
  log: Log;
  instances: Instances;
  kept: Kept;
  bfds: BfdSessions;
  /** The configuration in force. */
  config(): Config;
  /** There from the engine's start on. */
  notifier(): Notifier;
  /** The engine runs. */
  ready(notes: string[]): void;
  /** The engine has applied a plan. */
  applied(): void;
  /** A state may have changed. */
  moved(): void;
  /** What is held in the kernel has changed: it is to be recorded. */
  changed(): void;
  stop(reason: string): void;
}

/** The reports of a running engine. */
export class Reports {
  readonly #to: Listeners;
  readonly #log: Log;
  readonly #instances: Instances;
  /** The states of the sync groups, by name. */
  readonly #groups = new Map<string, State>();
  /** Instances that have had a state. */
  readonly #known = new Set<number>();
  /** A reload is under way: the FIFOs may have to hear the states again. */
  #repeatStates = false;

  constructor(to: Listeners) {
    this.#to = to;
    this.#log = to.log;
    this.#instances = to.instances;
  }

  /** After the next plan the FIFOs hear the states again, if they are to. */
  repeatStates(): void {
    this.#repeatStates = true;
  }

  /** The state that a sync group has last reported. */
  groupState(name: string): State {
    return this.#groups.get(name) ?? "INIT";
  }

  /** Takes over a message of the engine. */
  hear(message: FromEngine): void {
    const known = "id" in message && message.id !== null ? this.#instances.get(message.id) : undefined;
    const before = known?.state;
    const master = known?.master?.address ?? null;
    const intervalUs = known?.masterIntervalUs ?? 0;
    const deleted = message.type === "removed" && this.#instances.isLeaving(message.id);
    const facts = this.#instances.update(message);
    if (this.#to.kept.update(message)) return this.#to.changed();
    const name = facts?.config.name ?? null;
    switch (message.type) {
      case "ready":
        this.#to.ready(message.notes);
        break;
      case "applied":
        if (this.#repeatStates) this.#tellStates();
        this.#to.moved();
        this.#to.applied();
        break;
      case "state":
        this.#transition(message.id, before, message);
        this.#to.moved();
        break;
      case "priority":
        this.#log.write("info", `Changing effective priority from ${message.from} to ${message.to}`, name);
        if (facts !== undefined) {
          const { config, state } = facts;
          this.#to.notifier().priorityChanged(instanceSubject(facts), config.notify, state, message.to);
        }
        break;
      case "bfd":
        this.#to.bfds.update(message, this.#to.config(), this.#log);
        break;
      case "group": {
        if (message.syncing) {
          this.#log.write("info", `VRRP_Group(${message.name}) Syncing instances to ${message.state} state`);
        }
        this.#groups.set(message.name, message.state);
        const group = this.#to.config().groups.find((each) => each.name === message.name);
        if (group !== undefined && message.state !== "INIT") this.#tellGroup(group, message.state);
        break;
      }
      case "holding":
        this.#to.changed();
        if (facts !== undefined) this.#detail(facts, `holds ${heldText(facts)}`);
        break;
      case "master":
        if (facts !== undefined && message.address !== null) {
          if (master !== message.address && facts.state === "BACKUP") {
            this.#detail(facts, masterLine(master, message.address));
          }
          this.#detail(facts, `the master is ${message.address}, priority ${message.priority}`);
        }
        if (facts !== undefined && facts.config.version === 3) {
          const line = intervalLine(facts.state, intervalUs, message.intervalUs);
          if (line !== null) this.#detail(facts, line);
        }
        break;
      case "refused": {
        // Two groups of routers on one link are nothing special.
        if (message.refusal === "vrid" && facts === undefined && !this.#to.config().global.logUnknownVrids) {
          break;
        }
        const where = name ?? message.interface;
        const { peer } = message;
        const phrase = facts === undefined ? null : keepalivedPhrase(message, {
          version: facts.config.version,
          unicast: facts.config.unicastPeers.length > 0,
        });
        this.#log.write(
          "warning",
          `${
            phrase === null ? "" : `${phrase} - `
          }ignored an advert from ${peer} on ${message.interface}: ${message.detail}`,
          where,
        );
        break;
      }
      case "rival":
        if (facts === undefined) break;
        if (this.#isDetailed(facts)) {
          for (const { text } of announcingLines(facts.config)) this.#detail(facts, text);
        }
        this.#tell(facts, "MASTER_RX_LOWER_PRI");
        break;
      case "stopping":
        this.#to.stop("a signal");
        break;
      case "log":
        this.#log.write(message.level, message.text, name);
        break;
      case "removed":
        this.#to.changed();
        // keepalived tells of an instance that is gone from the file that it is at fault, unless asked to say more.
        // A stop takes the others away; it may have begun before this thread knows of it.
        if (facts !== undefined && deleted) {
          this.#tell(facts, facts.config.notify.reportsDeleted ? "DELETED" : "FAULT");
        }
        break;
    }
  }

  /** The daemon stops: whoever is to know of it is told. */
  tellStop(): void {
    for (const facts of this.#instances.all()) this.#tell(facts, "STOP");
    for (const group of this.#to.config().groups) this.#tellGroup(group, "STOP");
  }

  #tellGroup({ name, notify }: GroupConfig, state: NotifyState): void {
    this.#to.notifier().tell({ subject: { kind: "GROUP", name }, notify, state, priority: 0, reason: "" });
  }

  /** Whether lines for -D are worth their while. */
  #isDetailed({ config }: InstanceFacts): boolean {
    return this.#log.detail || config.debug > 0;
  }

  /** A line for -D, or for an instance with `debug` above 0. */
  #detail(facts: InstanceFacts, text: string): void {
    this.#log.write(facts.config.debug > 0 ? "info" : "debug", text, facts.config.name);
  }

  #transition(id: number, before: State | undefined, message: Extract<FromEngine, { type: "state" }>): void {
    const facts = this.#instances.get(id);
    if (facts === undefined) return;
    const { name } = facts.config;
    const cause = describeCause(message.cause);
    const leaving = message.cause.kind === "shutdown" || message.cause.kind === "removed";
    if (message.state === before && !leaving) {
      this.#log.write("info", `still ${message.state}: ${cause}`, name);
      return;
    }
    const first = !this.#known.has(id);
    if (leaving) this.#known.delete(id);
    else this.#known.add(id);
    const transition = { from: before ?? "INIT", to: message.state, cause: message.cause, first };
    const say = (line: Line) =>
      line.detail ? this.#detail(facts, line.text) : this.#log.write("info", line.text, name);
    for (const line of linesBefore(transition)) say(line);
    if (message.state === "INIT" || leaving) {
      this.#log.write("info", `${leaving ? "Leaving" : "Waiting"}: ${cause}`, name);
    } else {
      const init = first && message.state !== "MASTER" ? " (init)" : "";
      this.#log.write("info", `Entering ${message.state} STATE${init}: ${cause}`, name);
    }
    if (this.#isDetailed(facts)) { for (const line of linesAfter(transition, facts.config)) say(line); }
    // Whoever leaves is told of by STOP, or when it has gone.
    if (message.state !== "INIT" && !leaving) this.#tell(facts, message.state);
  }

  #tell(facts: InstanceFacts, state: NotifyState): void {
    const { config: { notify }, effectivePriority: priority, reason } = facts;
    this.#to.notifier().tell({ subject: instanceSubject(facts), notify, state, priority, reason });
  }

  #tellStates(): void {
    this.#repeatStates = false;
    for (const facts of this.#instances.all()) {
      this.#to.notifier().repeatState(instanceSubject(facts), facts.state, facts.effectivePriority);
    }
    for (const { name } of this.#to.config().groups) {
      this.#to.notifier().repeatState({ kind: "GROUP", name }, this.#groups.get(name) ?? "INIT", 0);
    }
  }
}

function instanceSubject({ config: { name } }: InstanceFacts): Subject {
  return { kind: "INSTANCE", name };
}

/** The addresses that an instance holds, for a log line. */
function heldText({ config, held }: InstanceFacts): string {
  const texts = [...config.addresses, ...config.excludedAddresses]
    .filter((_, i) => held[i] === true)
    .map((a) => `${a.address}/${a.prefixLength} on ${a.interface}`);
  return texts.length === 0 ? "no address" : texts.join(", ");
}
