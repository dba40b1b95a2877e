// What the kernel reports of interfaces and addresses, in keepalived's words for the log.
import type { AddressInfo } from "../../native/netlink/address.ts";
import { IF } from "../../native/constants.ts";
import type { LinkInfo } from "../../native/netlink/link.ts";
import { carrierOf } from "../config/vmac.ts";
import { formatAddress } from "../vrrp/address.ts";
import type { Instance } from "./instance.ts";
import type { Parts } from "./parts.ts";

const WORKS = IF.IFF_UP | IF.IFF_RUNNING;

/** Writes the lines. It is asked before the model takes a change over, and compares. */
export class KernelNews {
  readonly #parts: Parts;
  readonly #everyAddress: boolean;

  /** `everyAddress`: addresses that concern no instance are told of, too, and without -D. */
  constructor(parts: Parts, everyAddress: boolean) {
    this.#parts = parts;
    this.#everyAddress = everyAddress;
  }

  /** An interface comes, goes, or changes. */
  link(info: LinkInfo, deleted: boolean): void {
    const { links, log } = this.#parts;
    const before = links.indexed(info.ifindex);
    if (!this.#concerns(info.name) && !(before !== undefined && this.#concerns(before.name))) return;
    if (deleted) {
      if (before !== undefined) log("info", null, `Interface ${info.name} deleted`);
    } else if (before === undefined) log("info", null, `Interface ${info.name} added`);
    else if (before.name !== info.name) {
      log("info", null, `Interface name has changed from ${before.name} to ${info.name}`);
    } else if (works(before.flags) !== works(info.flags)) {
      log("info", null, `Netlink reports ${info.name} ${works(info.flags) ? "up" : "down"}`);
    }
  }

  /** An address comes or goes. */
  address(info: AddressInfo, deleted: boolean): void {
    const { links, roster, log } = this.#parts;
    const link = links.indexed(info.ifindex);
    const claimed = roster.claims.on(info.address).length > 0;
    if (!claimed && link !== undefined) this.#source(info, link.name, deleted);
    if (!this.#everyAddress && !claimed) return;
    const where = link?.name ?? `interface ${info.ifindex}`;
    const what = deleted ? "removed from" : "added to";
    const text = `Netlink reflector reports IP ${formatAddress(info.address)} ${what} ${where}`;
    log(this.#everyAddress ? "info" : "debug", null, text);
  }

  /** What an instance may send from. */
  #source(info: AddressInfo, name: string, deleted: boolean): void {
    const { roster, log } = this.#parts;
    if (![...roster.all()].some(({ config }) => config.interface === name)) return;
    const address = formatAddress(info.address);
    const text = deleted
      ? `Deassigned address ${address} from interface ${name}`
      : `Assigned address ${address} for interface ${name}`;
    log("debug", null, text);
  }

  #concerns(name: string): boolean {
    for (const instance of this.#parts.roster.all()) if (uses(instance, name)) return true;
    return false;
  }
}

function uses({ config }: Instance, name: string): boolean {
  return config.interface === name || carrierOf(config, config.interface) === name ||
    config.trackInterfaces.some((each) => each.interface === name);
}

function works(flags: number): boolean {
  return (flags & WORKS) === WORKS;
}
