// Machines whose routers are in sync groups: a wire for each member, a fate from one seed, and what must hold.
import { parseAddress } from "../../src/vrrp/address.ts";
import { Group } from "../../src/vrrp/group.ts";
import type { OutgoingSpec } from "../../src/vrrp/outgoing.ts";
import type { RouterSettings, State } from "../../src/vrrp/router.ts";
import { masterDownIntervalUs } from "../../src/vrrp/timers.ts";
import { Agenda } from "./agenda.ts";
import { Clock, Host, type Watcher } from "./host.ts";
import { Lan } from "./lan.ts";
import { Random } from "./random.ts";

const DISTURBANCES = 20;
const INTERVAL_US = 100_000;
const LOG_LINES = 80;
/** Longest wait of a Backup: priority 1. */
const DOWN_US = masterDownIntervalUs(3, 1, INTERVAL_US, 3);

/** One machine: a router on each wire, all in one group. */
interface Machine {
  name: string;
  hosts: Host[];
  group: Group;
  priority: number;
  running: boolean;
}

/** Ways to be wrong on purpose: each must be noticed. */
export type GroupSabotage = "leads alone" | "never yields" | "ignores faults";

/** What a run came to. */
export interface GroupOutcome {
  transitions: number;
  /** Settled worlds with a whole machine as Master. */
  settled: number;
}

export class GroupWorld implements Watcher {
  readonly machines: Machine[];
  readonly #seed: number;
  readonly #random: Random;
  readonly #agenda = new Agenda();
  readonly #lans: Lan[];
  readonly #lines: string[] = [];
  #transitions = 0;
  #settled = 0;

  constructor(seed: number, sabotage: GroupSabotage | null = null) {
    this.#seed = seed;
    const random = this.#random = new Random(seed);
    this.#lans = Array.from({ length: random.integer(2, 3) }, () => new Lan(this.#agenda, random));
    const names = ["a", "b", "c"].slice(0, random.integer(2, 3));
    // Apart from each other: who wins is certain.
    const base = random.integer(1, 80);
    this.machines = names.map((name, index) =>
      this.#machine(name, index, base + 60 * index, index === 0 ? null : sabotage)
    );
  }

  #machine(name: string, index: number, priority: number, sabotage: GroupSabotage | null): Machine {
    const group = new Group(`g${name}`, (_, state, syncing) => {
      this.#note(`group of ${name}: ${state}${syncing ? ", syncing" : ""}`);
    });
    if (sabotage === "leads alone") group.mayLead = () => true;
    if (sabotage === "never yields") group.settle = () => false;
    if (sabotage === "ignores faults") group.unready = (at, router, ...rest) => router.unready(at, ...rest);
    const clock = new Clock(this.#random);
    const hosts = this.#lans.map((lan, at) => {
      const settings: RouterSettings = {
        version: 3,
        family: "ipv4",
        vrid: at + 1,
        priority,
        advertIntervalUs: INTERVAL_US,
        downTimerAdverts: 3,
        preempt: true,
        preemptDelayUs: 0,
        startAsMaster: this.#random.chance(0.3),
        lowerPriorityAdvert: true,
        higherPriorityAdvert: this.#random.chance(0.3),
        expiredPriority: this.#random.chance(0.3) ? 254 : null,
        strict: false,
      };
      const spec: OutgoingSpec = {
        version: 3,
        family: "ipv4",
        vrid: at + 1,
        priority,
        advertIntervalUs: INTERVAL_US,
        addresses: [parseAddress("10.0.0.100")!],
        source: parseAddress(`10.0.${at}.${index + 1}`)!,
        destination: parseAddress("224.0.0.18")!,
        authentication: null,
        checksumForm: "pseudo-header",
      };
      return new Host(
        { name: `${name}${at + 1}`, settings, spec },
        this.#agenda,
        lan,
        this.#random,
        this,
        clock,
        group,
      );
    });
    return { name, hosts, group, priority, running: false };
  }

  /** Runs the whole fate of this seed. Throws at the first broken invariant. */
  run(): GroupOutcome {
    for (const machine of this.machines) this.#start(machine);
    for (let i = 0; i < DISTURBANCES; i++) {
      this.#advance(this.#random.chance(0.4) ? 8 * DOWN_US : DOWN_US * this.#random.next());
      this.#disturb();
      this.#check();
    }
    this.#note("heal");
    for (const lan of this.#lans) {
      lan.lossRate = 0;
      for (const host of lan.parts.keys()) lan.parts.set(host, 0);
    }
    for (const machine of this.machines) {
      for (const host of machine.hosts) if (!host.linkUp) host.setLink(true, false);
      if (!machine.running) this.#start(machine);
    }
    this.#advance(12 * DOWN_US);
    this.#checkSettled();
    return { transitions: this.#transitions, settled: this.#settled };
  }

  #start(machine: Machine): void {
    this.#note(`start ${machine.name}`);
    machine.running = true;
    for (const host of machine.hosts) host.load();
    for (const host of machine.hosts) host.go();
  }

  #disturb(): void {
    const random = this.#random, machine = random.pick(this.machines);
    switch (random.integer(0, 5)) {
      case 0: {
        if (!machine.running) return this.#start(machine);
        this.#note(`crash ${machine.name}`);
        machine.running = false;
        return machine.hosts.forEach((host) => host.crash());
      }
      case 1:
      case 2: {
        const host = random.pick(machine.hosts);
        if (!machine.running) return;
        this.#note(`link ${host.linkUp ? "down" : "up"} ${host.config.name}`);
        return host.setLink(!host.linkUp, random.chance(0.5));
      }
      case 3: {
        const lan = random.pick(this.#lans);
        for (const host of lan.parts.keys()) lan.parts.set(host, random.integer(0, 1));
        return this.#note(`wire ${this.#lans.indexOf(lan) + 1} parts ${[...lan.parts.values()]}`);
      }
      case 4: {
        const lan = random.pick(this.#lans);
        lan.lossRate = random.chance(0.5) ? random.between(0, 0.6) : 0;
        return this.#note(`wire ${this.#lans.indexOf(lan) + 1} loses ${lan.lossRate}`);
      }
      default: {
        // Nothing: time to settle.
      }
    }
  }

  #advance(us: number): void {
    const untilUs = this.#agenda.nowUs + us;
    while (this.#agenda.step(untilUs)) {
      for (const { running, hosts } of this.machines) if (running) hosts.forEach((host) => host.rearm());
      this.#check();
    }
  }

  /** After each step: all of a machine's routers agree. */
  #check(): void {
    for (const { name, hosts, group, running } of this.machines) {
      if (!running) continue;
      const states = hosts.map(({ router }) => router.state);
      const count = (state: State) => states.filter((each) => each === state).length;
      for (const state of ["MASTER", "FAULT"] as const) {
        if (count(state) % hosts.length !== 0) this.fail(`${name}: ${states}`);
      }
      if (hosts.some(({ linkUp }) => !linkUp) !== (count("FAULT") > 0)) {
        this.fail(`${name}: ${states}, links`);
      }
      const expected = count("MASTER") > 0 ? "MASTER" : count("FAULT") > 0 ? "FAULT" : "BACKUP";
      if (group.state !== expected) this.fail(`${name}: the group is ${group.state}, its members ${states}`);
      for (const host of hosts) {
        if (host.wanted !== (host.router.state === "MASTER")) {
          this.fail(`${host.config.name} wants ${host.wanted}`);
        }
        const waits = host.router.state === "MASTER" || host.router.state === "BACKUP";
        if (waits !== Number.isFinite(host.router.dueUs)) this.fail(`${host.config.name}: no timer`);
      }
    }
  }

  /** In peace the machine with the highest priority is Master on every wire, and alone. */
  #checkSettled(): void {
    const best = this.machines.at(-1)!;
    for (const machine of this.machines) {
      const wanted = machine === best ? "MASTER" : "BACKUP";
      for (const { router, config } of machine.hosts) {
        if (router.state !== wanted) this.fail(`${config.name} is ${router.state} in the end, not ${wanted}`);
      }
    }
    this.#settled++;
  }

  transition(): void {
    this.#transitions++;
  }

  log(host: Host, text: string): void {
    this.#note(`${host.config.name}: ${text}`);
  }

  #note(text: string): void {
    this.#lines.push(`${(this.#agenda.nowUs / 1e6).toFixed(6).padStart(13)} ${text}`);
    if (this.#lines.length > LOG_LINES) this.#lines.shift();
  }

  fail(text: string): never {
    throw new Error(
      `${text}\nreplay: GROUP_SEED=${this.#seed} bun test test/simulation\n${this.#lines.join("\n")}`,
    );
  }
}
