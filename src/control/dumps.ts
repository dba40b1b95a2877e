// keepalived's dump signals: SIGUSR1, SIGUSR2 and two real-time ones write what is known into files.
import { closeDescriptor } from "../../native/descriptor.ts";
import { openEventfd } from "../../native/eventfd.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { catchSignal } from "../../native/relay.ts";
import { ignoreSignal } from "../../native/signals.ts";
import { SIGNALS } from "./signals.ts";
import type { Config } from "../config/model.ts";
import type { WholeFacts } from "../status/kept.ts";
import type { InstanceFacts } from "../status/snapshot.ts";
import { formatAddress } from "../vrrp/address.ts";
import { bfdDump } from "./dump/bfd.ts";
import { dataDump, type DumpedInterface, globalDump } from "./dump/data.ts";
import { ClearedStatistics } from "./dump/cleared.ts";
import type { DumpFacts, ScriptFacts } from "./dump/facts.ts";
import { dumpDirectory, dumpName, dumpPath, writeDump } from "./dump/file.ts";
import { jsonDump } from "./dump/json.ts";
import { statisticsDump } from "./dump/statistics.ts";
import type { Log } from "./log.ts";

/** What the daemon knows when a dump is asked for; null as long as it has not started. */
export interface Known {
  config: Config;
  instances: readonly InstanceFacts[];
  scripts: readonly ScriptFacts[];
  whole: WholeFacts;
}

/** Answers the dump signals until it is closed. */
export class Dumps {
  readonly #known: () => Known | null;
  readonly #log: Log;
  readonly #directory = dumpDirectory(process.env);
  readonly #closers: (() => void)[] = [];
  readonly #cleared = new ClearedStatistics();

  constructor(known: () => Known | null, log: Log) {
    this.#known = known;
    this.#log = log;
  }

  /** From now on the signals are answered. */
  listen(): void {
    process.on("SIGUSR1", () => this.#attempt(() => this.#writeData()));
    process.on("SIGUSR2", () => this.#attempt(() => this.#writeStatistics(false)));
    this.#watch(SIGNALS.JSON, () => this.#writeJson());
    this.#watch(SIGNALS.STATS_CLEAR, () => this.#writeStatistics(true));
  }

  /** No dump is written any more; the signals that would end the process are ignored. */
  close(): void {
    for (const signal of [SIGNALS.JSON, SIGNALS.STATS_CLEAR]) ignoreSignal(signal);
    for (const close of this.#closers.splice(0)) close();
  }

  /** A real-time signal, which the runtime does not deliver: an eventfd tells of it. */
  #watch(signal: number, answer: () => void): void {
    const fd = openEventfd();
    if (!catchSignal(signal, fd)) {
      ignoreSignal(signal);
      closeDescriptor(fd);
      this.#log.write("debug", `signal ${signal} cannot be caught on this machine: it does nothing`);
      return;
    }
    const reader = Bun.file(fd).stream().getReader();
    this.#closers.push(() => {
      void reader.cancel().catch(() => {});
      closeDescriptor(fd);
    });
    const follow = async () => {
      while (!(await reader.read()).done) this.#attempt(answer);
    };
    // It ends with the daemon, by an error or without one.
    follow().catch(() => {});
  }

  /** The data dump of this moment; null as long as nothing is known, or where it cannot be made. */
  data(): string | null {
    return this.#attempt(() => {
      const facts = this.#facts();
      return facts === null ? null : dataDump(facts, interfaces(facts));
    });
  }

  /** A dump is a help: one that cannot be made (the kernel is asked for interfaces) ends neither daemon nor reload. */
  #attempt<Result>(act: () => Result): Result | null {
    try {
      return act();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log.write("warning", `a dump cannot be made: ${why}`);
      return null;
    }
  }

  #facts(): DumpFacts | null {
    const known = this.#known();
    if (known === null) return null;
    return { ...known, instances: known.instances.map((facts) => this.#cleared.dumped(facts)) };
  }

  #writeData(): void {
    const facts = this.#facts();
    if (facts === null) return;
    const { data } = facts.config.global.dumps;
    const whose = dumpName(facts.config.daemon);
    this.#announce("Printing parent data for");
    const parent = dumpPath(this.#directory, data, "keepalived.data", `_parent${whose}`);
    this.#write(facts, parent, globalDump(facts));
    // As there: no such file without such a process.
    if (facts.whole.sessions.length > 0) {
      this.#announce("Printing BFD data for");
      const sessions = dumpPath(this.#directory, data, "keepalived.data", `_bfd${whose}`);
      this.#write(facts, sessions, globalDump(facts) + bfdDump(facts.whole.sessions));
    }
    this.#announce("Printing VRRP data for");
    const path = dumpPath(this.#directory, data, "keepalived.data", whose);
    this.#write(facts, path, dataDump(facts, interfaces(facts)));
  }

  #writeStatistics(clear: boolean): void {
    const facts = this.#facts();
    if (facts === null) return;
    const { statistics } = facts.config.global.dumps;
    this.#announce(clear ? "Printing and clearing VRRP stats for" : "Printing VRRP stats for");
    this.#write(
      facts,
      dumpPath(this.#directory, statistics, "keepalived.stats"),
      statisticsDump(facts.instances),
    );
    if (clear) this.#cleared.clear(facts.instances.map((one) => one.facts));
  }

  #writeJson(): void {
    const facts = this.#facts();
    if (facts === null) return;
    const { json, jsonVersion } = facts.config.global.dumps;
    this.#announce("Printing VRRP as json for");
    // keepalived writes no file without instances.
    if (facts.instances.length === 0) return;
    this.#write(facts, dumpPath(this.#directory, json, "keepalived.json"), jsonDump(facts, jsonVersion));
  }

  #announce(what: string): void {
    this.#log.write("info", `${what} process(${process.pid}) on signal`);
  }

  #write({ config }: DumpFacts, path: string, text: string): void {
    const error = writeDump(path, text, config.daemon.umask !== null);
    if (error !== null) this.#log.write("warning", error);
  }
}

/** Every interface with its own addresses, those that baton adds left out. */
function interfaces({ config }: DumpFacts): DumpedInterface[] {
  const virtual = new Set(
    config.instances.flatMap((i) => [...i.addresses, ...i.excludedAddresses])
      .concat(config.statics.addresses).map((a) => a.address),
  );
  const client = new RouteClient();
  try {
    const addresses = client.addresses();
    return client.links().map((link) => {
      const of = (family: "ipv4" | "ipv6") =>
        addresses.filter((a) => a.ifindex === link.ifindex && a.family === family)
          .map((a) => formatAddress(a.address)).filter((text) => !virtual.has(text));
      return { link, ipv4: of("ipv4"), ipv6: of("ipv6") };
    });
  } finally {
    client.close();
  }
}
