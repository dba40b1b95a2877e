// VMACs are up while their instance is Master, and down otherwise: frames to the virtual MAC address are dropped for
// free then.
import { monotonicUs } from "../../native/clock.ts";
import { IF } from "../../native/constants.ts";
import { ERRNO } from "../../native/errno.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import type { Instance } from "./instance.ts";
import type { Links } from "./links.ts";
import { muteVmac } from "./macvlan.ts";
import type { Device } from "./vmac_device.ts";

/** Taking one down keeps the kernel busy for so long (it waits for readers): 5 to 30 ms measured. */
const DOWN_COST_US = 10_000;
/** Such work waits for a gap between the deadlines, but not for ever. */
const PATIENCE_US = 100_000;

/** What is needed of the engine. */
export interface PowerMeans {
  client: RouteClient;
  links: Links;
  /** One cannot be taken up: its instance is to be looked at. */
  refused(instance: Instance): void;
  log(level: "error", instance: Instance, text: string): void;
}

/** Takes VMACs up at once, and down when there is time; ipvlans it leaves alone. */
export class VmacPower {
  readonly #means: PowerMeans;
  /** When each is to be down, gap or not: in that order, as all have the same patience. */
  readonly #downs = new Map<Device, number>();

  constructor(means: PowerMeans) {
    this.#means = means;
  }

  /** Its instance becomes Master. */
  up(device: Device): void {
    if (device.config.ipvlan !== null) return;
    this.#downs.delete(device);
    if (device.muted) this.#unmute(device);
    if (!device.up) this.turn(device, true);
  }

  /** Its addresses are gone: it goes down as soon as there is time. */
  down(device: Device): void {
    if (device.config.ipvlan !== null) return;
    if (device.up && !this.#downs.has(device)) this.#downs.set(device, monotonicUs() + PATIENCE_US);
  }

  /** It leaves: nobody cares any more whether it is up. */
  forget(device: Device): void {
    this.#downs.delete(device);
  }

  /** Takes IPv6 off it, with all its addresses, so that they leave without a word. Returns whether that was done. */
  mute(device: Device): boolean {
    if (!device.up || device.muted || !device.config.ipv6 || device.config.ipvlan !== null) return false;
    device.muted = muteVmac(device.config.name, true);
    return device.muted;
  }

  #unmute(device: Device): void {
    device.muted = false;
    muteVmac(device.config.name, false);
  }

  /** Takes down one that waits for it, if the next deadline leaves the time. Returns when it wants to be called again. */
  pump(nowUs: number, untilUs: number): number {
    if (this.#downs.size === 0) return Infinity;
    const [device, dueUs] = this.#downs.entries().next().value!;
    if (nowUs + DOWN_COST_US > untilUs && nowUs < dueUs) return dueUs;
    this.#downs.delete(device);
    this.turn(device, false);
    return this.#downs.size === 0 ? Infinity : 0;
  }

  /** Takes it up or down now. */
  turn(device: Device, up: boolean): void {
    const { client, links } = this.#means;
    const error = device.power.turn(client, device.config.name, up);
    if (error === null) {
      device.up = up;
      if (up) device.refused = null;
      if (!up && device.muted) this.#unmute(device);
      const link = links.indexed(device.ifindex);
      if (link !== undefined) link.flags = up ? link.flags | IF.IFF_UP : link.flags & ~IF.IFF_UP;
      return;
    }
    if (error.errno === ERRNO.ENODEV || device.owner === null) return;
    const advice = error.errno === ERRNO.EADDRINUSE
      ? ": another macvlan on the same interface has its MAC address; delete that one, or give use_vmac another"
      : "";
    if (!up) return this.#means.log("error", device.owner, `${error.message}${advice}`);
    // Nobody reaches addresses on it: another one is to be Master.
    device.refused = `${error.message}${advice}`;
    this.#means.refused(device.owner);
  }
}
