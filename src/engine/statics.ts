// static_ipaddress, static_routes, static_rules: set when the daemon starts, put back when somebody removes them,
// taken away when it stops.
import type { AddressInfo } from "../../native/netlink/address.ts";
import type { StaticConfig } from "../config/routing.ts";
import type { HeldAddress } from "../messages.ts";
import { sameBytes, STATIC_MARK } from "./links.ts";
import { ABSENT, HELD, Holding, transferAddresses } from "./holding.ts";
import type { Parts } from "./parts.ts";
import { RouteSet } from "./routeset.ts";

/** Smallest time between two restorations. */
const RESTORE_EVERY_US = 1_000_000;
const NOTHING: StaticConfig = { addresses: [], routes: [], rules: [] };

/** What belongs to the daemon and not to an instance. */
export class Statics {
  readonly #parts: Parts;
  #config = NOTHING;
  #holding = hold(NOTHING);
  #routes = new RouteSet(null, [], [], null);
  /** When lost addresses are to be put back; Infinity = none is lost. */
  nextDueUs = Infinity;
  #restoredUs = -Infinity;
  #changed = false;
  /** The control thread does not know yet what has come or gone. */
  #untold = false;
  #tried = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Makes the kernel hold what the configuration says; what is in both stays untouched. */
  apply(config: StaticConfig): void {
    if (JSON.stringify(config) === JSON.stringify(this.#config)) return;
    const { holdings, routes, links, client } = this.#parts;
    const [oldHolding, oldRoutes] = [this.#holding, this.#routes];
    this.#config = config;
    this.#holding = hold(config);
    this.#routes = new RouteSet(null, config.routes, config.rules, this.#holding);
    this.#holding.build(links);
    transferAddresses(oldHolding, this.#holding);
    this.#routes.inherit(oldRoutes);
    routes.want(oldRoutes, false);
    routes.finish(oldRoutes);
    holdings.want(oldHolding, false);
    holdings.finish(oldHolding);
    holdings.want(this.#holding, true);
    routes.want(this.#routes, true);
    if (this.#parts.roster.size > 0) return;
    // At the start the instances find everything in place.
    holdings.finish(this.#holding);
    links.resync(client.links(), client.addresses());
    routes.finish(this.#routes);
  }

  /** Whether static addresses have come or gone since this was asked: they may be sources of adverts. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** Whether this is the holding of the static addresses. */
  owns(holding: Holding): boolean {
    return holding === this.#holding;
  }

  /** The kernel has been brought to what is wanted. */
  settled(): void {
    this.#changed = true;
    this.#untold = true;
  }

  /** Tells the control thread which addresses are to be taken away should this process die, if that has changed. */
  tell(): void {
    if (this.#untold) this.#tell();
  }

  /** Not in `tell`: a function with a closure in it allocates with each call, whether it gets there or not. */
  #tell(): void {
    this.#untold = false;
    const held = this.#holding.addresses.flatMap((a, i): HeldAddress[] =>
      this.#holding.state[i] !== HELD ? [] : [{
        interface: a.interface,
        address: a.address,
        prefixLength: a.prefixLength,
      }]
    );
    const there = Array.from(this.#holding.state, (state) => state !== ABSENT);
    this.#parts.post({ type: "static_addresses", held, there });
  }

  /** The kernel reports that an address is gone. */
  addressGone(info: AddressInfo, nowUs: number): void {
    const holding = this.#holding;
    const at = holding.bytes.findIndex((bytes, i) =>
      sameBytes(bytes, info.address) && holding.isAt(i, info.ifindex, info.prefixLength)
    );
    if (at < 0 || !this.#parts.holdings.lost(holding, at)) return;
    const { address, prefixLength, interface: name, tracked } = holding.addresses[at]!;
    this.#untold = true;
    if (tracked) this.nextDueUs = Math.max(nowUs, this.#restoredUs + RESTORE_EVERY_US);
    if (this.#parts.links.indexed(info.ifindex) === undefined) return;
    const text =
      `the static address ${address}/${prefixLength} on ${name} is gone: another program removed it`;
    this.#parts.log(
      "warning",
      null,
      `${text}; ${tracked ? "it is put back" : "it has no_track, so it is not put back"}`,
    );
  }

  /** An interface has come, gone or changed: what is not there may be possible now. */
  linkChanged(): void {
    const { holding } = this;
    if (holding.wanted && holding.state.includes(ABSENT)) this.#parts.holdings.want(holding, true);
  }

  /** Puts back what is due. */
  due(nowUs: number): void {
    if (this.nextDueUs > nowUs) return;
    this.nextDueUs = Infinity;
    this.#restoredUs = nowUs;
    this.#parts.holdings.want(this.#holding, true);
    // Routes through a lost address went with it, in silence.
    this.#parts.routes.recheck();
  }

  /** Whether routes or rules have been tried since this was asked. */
  takeTried(): boolean {
    const tried = this.#tried;
    this.#tried = false;
    return tried;
  }

  /** The static routes and rules have been tried: what is missing now cannot be put back. */
  tried(set: RouteSet): void {
    if (set === this.#routes) this.#tried = true;
  }

  /** The first entry of a track_group that is missing although it has been tried to put it back, in words. */
  missing(group: string): string | null {
    const { addresses, state, pass } = this.#holding;
    if (pass === "none" && this.nextDueUs === Infinity) {
      const at = addresses.findIndex((a, i) => a.trackGroup === group && state[i] === ABSENT);
      if (at >= 0) return `the static address ${addresses[at]!.address}/${addresses[at]!.prefixLength}`;
    }
    const routes = this.#routes;
    if (routes.pass !== "none" || routes.restoreUs !== Infinity) return null;
    const at = routes.entries.findIndex(({ config }, i) =>
      config.trackGroup === group && (
        // One that went without a word still counts as held: refused, or its interface is gone.
        routes.state[i] === ABSENT || routes.refusals[i] !== "" || !routes.reachable(i, this.#parts.links)
      )
    );
    return at < 0 ? null : `the static ${routes.name(at)}`;
  }

  /** Takes everything away at once. */
  withdraw(): void {
    this.apply(NOTHING);
    this.nextDueUs = Infinity;
  }

  get holding(): Holding {
    return this.#holding;
  }
}

/** Static addresses have no lifetime, and they may be sources: they carry a mark of their own. */
function hold(config: StaticConfig): Holding {
  return new Holding({ addresses: config.addresses, excludedAddresses: [] }, 0, STATIC_MARK);
}
