// One run: hosts, a wire and a fate, all from one seed; fails with the seed and the last events.
import { parseAddress } from "../../src/vrrp/address.ts";
import type { OutgoingSpec } from "../../src/vrrp/outgoing.ts";
import type { Cause } from "../../src/vrrp/reason.ts";
import type { RouterSettings, State } from "../../src/vrrp/router.ts";
import { Agenda } from "./agenda.ts";
import { Host, type HostConfig, type Sabotage, type Watcher } from "./host.ts";
import { Invariants } from "./invariants.ts";
import { Lan, MAX_DELAY_US } from "./lan.ts";
import { Random } from "./random.ts";

/** Steps of fate in one run. */
const DISTURBANCES = 25;
const LOG_LINES = 60;

/** What a run came to. */
export interface Outcome {
  transitions: number;
  refused: number;
  settledChecks: number;
}

export class World implements Watcher {
  readonly seed: number;
  readonly hosts: Host[];
  readonly #random: Random;
  readonly #agenda = new Agenda();
  readonly #lan: Lan;
  readonly #invariants: Invariants;
  readonly #verbose: boolean;
  #lines: string[] = [];
  #transitions = 0;

  constructor(seed: number, options: { verbose?: boolean; sabotage?: Sabotage } = {}) {
    this.seed = seed;
    this.#verbose = options.verbose ?? false;
    this.#random = new Random(seed);
    this.#lan = new Lan(this.#agenda, this.#random);
    this.hosts = this.#configure().map((config, index) => {
      if (options.sabotage !== undefined && index === 0) config.sabotage = options.sabotage;
      return new Host(config, this.#agenda, this.#lan, this.#random, this);
    });
    this.#invariants = new Invariants(this.hosts, this.#agenda, this.#lan, (text) => this.fail(text));
    for (const { config: { name, settings, spec } } of this.hosts) {
      this.#note(`${name}: ${JSON.stringify({ ...settings, auth: spec.authentication?.type })}`);
    }
  }

  #configure(): HostConfig[] {
    const random = this.#random;
    const version = random.pick([2, 3, 3] as const);
    const family = version === 3 && random.chance(0.4) ? "ipv6" as const : "ipv4" as const;
    const intervalUs = version === 2
      ? random.pick([1, 3]) * 1e6
      : random.pick([10_000, 50_000, 1_000_000, 3_000_000]);
    const authentication = version === 2 && random.chance(0.6)
      ? { type: random.pick(["PASS", "AH"] as const), password: "secret" }
      : null;
    const different = version === 3 && random.chance(0.2),
      delayed = random.chance(0.2),
      equal = random.chance(0.2);
    const preempt = random.chance(0.75);
    const names = ["a", "b", "c", "d", "e"].slice(0, random.integer(2, 5));
    const configs = names.map((name, index): HostConfig => {
      const priority = random.chance(0.06) ? 255 : equal ? 100 : random.integer(1, 254);
      const advertIntervalUs = different && random.chance(0.5) ? 2 * intervalUs : intervalUs;
      const settings: RouterSettings = {
        version,
        family,
        vrid: 7,
        priority,
        advertIntervalUs,
        downTimerAdverts: 3,
        preempt: random.chance(0.1) ? !preempt : preempt,
        preemptDelayUs: delayed ? random.integer(1, 5) * intervalUs : 0,
        startAsMaster: random.chance(0.3),
        lowerPriorityAdvert: !random.chance(0.1),
        higherPriorityAdvert: random.chance(0.3),
        expiredPriority: random.chance(0.3) ? random.pick([254, random.integer(1, 254)]) : null,
        strict: false,
      };
      const spec: OutgoingSpec = {
        version,
        family,
        vrid: 7,
        priority,
        advertIntervalUs,
        addresses: [parseAddress(family === "ipv4" ? "10.0.0.100" : "fe80::100")!],
        source: parseAddress(family === "ipv4" ? `10.0.0.${index + 1}` : `fe80::${index + 1}`)!,
        destination: parseAddress(family === "ipv4" ? "224.0.0.18" : "ff02::12")!,
        authentication,
        checksumForm: random.pick(["pseudo-header", "message-only"] as const),
      };
      return { name, settings, spec };
    });
    // Two owners that hear nobody would both be Master for ever.
    const owners = configs.filter(({ settings }) => settings.priority === 255);
    if (owners.length === 1) owners[0]!.ownerIgnoresAdverts = random.chance(0.5);
    return configs;
  }

  /** Runs the whole fate of this seed. Throws at the first broken invariant. */
  run(): Outcome {
    for (const host of this.hosts) this.#agenda.at(this.#pauseUs(), () => this.#start(host));
    for (let i = 0; i < DISTURBANCES; i++) {
      this.#advance(this.#pauseUs());
      this.#disturb();
      this.#invariants.check();
    }
    this.#advance(this.#pauseUs());
    this.#heal();
    this.#advance(Math.max(0, this.#lan.slowUntilUs - this.#agenda.nowUs) + 2 * this.#invariants.settleUs);
    const { settledChecks } = this.#invariants;
    const refused = this.hosts.reduce((sum, host) => sum + host.refused, 0);
    return { transitions: this.#transitions, refused, settledChecks };
  }

  /** Mostly short of an election, sometimes long enough for peace. */
  #pauseUs(): number {
    const { downUs, settleUs } = this.#invariants;
    return this.#random.chance(0.3) ? settleUs * this.#random.between(1, 1.5) : downUs * this.#random.next();
  }

  #advance(us: number): void {
    const untilUs = this.#agenda.nowUs + us;
    while (this.#agenda.step(untilUs)) this.#invariants.check();
    this.#invariants.check();
  }

  #start(host: Host): void {
    this.#note(`start ${host.config.name}`);
    this.#invariants.calmSinceUs = this.#agenda.nowUs;
    this.#invariants.begin(host);
    host.start();
  }

  #disturb(): void {
    const random = this.#random, host = random.pick(this.hosts), { name, settings } = host.config;
    this.#invariants.calmSinceUs = this.#agenda.nowUs;
    switch (random.integer(0, 9)) {
      case 0:
        if (!host.running) return this.#start(host);
        this.#note(`crash ${name}`);
        return host.crash();
      case 1:
        if (!host.running) return this.#start(host);
        this.#note(`stop ${name}`);
        return host.frozen ? host.crash() : host.stop();
      case 2:
        this.#note(`${host.frozen ? "thaw" : "freeze"} ${name}`);
        return host.frozen ? host.thaw() : host.freeze();
      case 3: {
        const up = !host.linkUp, canSend = random.chance(0.5);
        if (host.frozen || host.router.lingering) return;
        this.#note(`link ${up ? "up" : "down"} ${name}`);
        return host.setLink(up, canSend);
      }
      case 4: {
        if (!host.running || host.frozen || settings.priority === 255) return;
        const priority = random.integer(1, 254);
        this.#note(`priority ${name} ${priority}`);
        return host.setPriority(priority);
      }
      case 5: {
        if (host.frozen) return;
        const preempt = random.chance(0.5), change = settings.version === 3 && random.chance(0.5);
        const advertIntervalUs = change ? settings.advertIntervalUs * 2 : settings.advertIntervalUs;
        this.#note(`reload ${name} preempt ${preempt} interval ${advertIntervalUs}`);
        return host.reload({ preempt, advertIntervalUs: Math.min(advertIntervalUs, 6e6) });
      }
      case 6:
      case 7: {
        const parts = random.integer(1, 2);
        for (const listener of this.hosts) this.#lan.parts.set(listener, random.integer(1, parts));
        return this.#note(`parts ${this.hosts.map((each) => this.#lan.parts.get(each))}`);
      }
      default:
        return this.#weather();
    }
  }

  #weather(): void {
    const random = this.#random, lan = this.#lan, bad = random.chance(0.5);
    lan.lossRate = bad ? random.between(0, 0.6) : 0;
    lan.duplicateRate = random.chance(0.3) ? random.between(0, 0.5) : 0;
    lan.corruptRate = bad ? random.between(0, 0.3) : 0;
    lan.maxDelayUs = bad && random.chance(0.5)
      ? random.between(1, 4) * this.#invariants.downUs / 4
      : MAX_DELAY_US;
    this.#note(`weather: loss ${lan.lossRate} duplicates ${lan.duplicateRate} delay ${lan.maxDelayUs}`);
  }

  /** The wire is whole again; who is frozen goes on; who is gone may stay away. */
  #heal(): void {
    this.#note("heal");
    this.#lan.lossRate = this.#lan.corruptRate = 0;
    this.#lan.maxDelayUs = MAX_DELAY_US;
    this.#invariants.calmSinceUs = this.#agenda.nowUs;
    for (const host of this.hosts) this.#lan.parts.set(host, 0);
    for (const host of this.hosts) {
      if (host.frozen) host.thaw();
      if (!host.linkUp) host.setLink(true, false);
      if (!host.running && this.#random.chance(0.6)) this.#start(host);
    }
  }

  transition(host: Host, from: State, to: State, cause: Cause): void {
    this.#transitions++;
    this.#invariants.transition(host, from, to, cause);
  }

  log(host: Host, text: string): void {
    this.#note(`${host.config.name}: ${text}`);
  }

  #note(text: string): void {
    const line = `${(this.#agenda.nowUs / 1e6).toFixed(6).padStart(13)} ${text}`;
    if (this.#verbose) console.log(line);
    this.#lines.push(line);
    if (this.#lines.length > 2 * LOG_LINES) this.#lines = this.#lines.slice(-LOG_LINES);
  }

  fail(text: string): never {
    const log = this.#lines.slice(-LOG_LINES).join("\n");
    throw new Error(`${text}\nreplay: SEED=${this.seed} bun test test/simulation\n${log}`);
  }
}
