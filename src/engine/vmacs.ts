// Interfaces with virtual MAC addresses: macvlans that are made with their instance, up while it is Master, and gone
// with it; and ipvlans, which are up all the time. What is known of each, and when what is done; how it is done stands
// in macvlan.ts and ipvlan.ts.
import { monotonicUs } from "../../native/clock.ts";
import { IF } from "../../native/constants.ts";
import { SyscallError } from "../../native/errno.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { buildLinkDelete, type LinkInfo } from "../../native/netlink/link.ts";
import type { VmacConfig } from "../config/model.ts";
import type { FromEngine } from "../messages.ts";
import { Departures } from "./departures.ts";
import type { Instance } from "./instance.ts";
import { raiseIpvlan, sameIpvlan } from "./ipvlan.ts";
import type { Link, Links } from "./links.ts";
import { deleteVmacs, ipv6Returns, resizeVmac, VmacSwitch } from "./macvlan.ts";
import { VMAC_MARK } from "./vmac_settings.ts";
import type { Device } from "./vmac_device.ts";
import { configureDevice, deviceText, followVrf, hasItsMac, isSuch, makeDevice } from "./vmac_kinds.ts";
import { VmacPower } from "./vmac_power.ts";
import { VmacRegister } from "./vmac_register.ts";
import { VmacTurns } from "./vmac_turns.ts";

/** How long an instance waits before it looks again whether a VMAC is given up, or the kernel has time to make one. */
const LOOK_AGAIN_US = 20_000;
/** One that cannot be made, or that somebody deletes again and again, is tried again once a second. */
const REMAKE_EVERY_US = 1_000_000;
/** The kernel writes a line or looks for a module each time; most of what is in the way tells when it goes. */
const REMAKE_IPVLAN_EVERY_US = 10_000_000;
const FOUGHT_OVER = "another program deletes it again and again";

/** A VMAC or ipvlan that cannot be made; `error`: a clause. */
export interface Missing {
  name: string;
  ipvlan: boolean;
  error: string;
}

/** What the VMACs need of the engine. */
export interface VmacMeans {
  client: RouteClient;
  links: Links;
  post(message: FromEngine): void;
  /** A Master's VMAC was made again or is down: its addresses are to be put back. */
  lost(instance: Instance): void;
  /** The control thread deletes VMACs just now: whatever else changes the network would wait for that. */
  busy(): boolean;
}

/** All VMACs of this process. */
export class Vmacs {
  readonly #means: VmacMeans;
  readonly #register: VmacRegister;
  readonly #departures: Departures;
  readonly #power: VmacPower;
  /** Of names whose VMAC was renamed by another program: when it was last made anew. */
  readonly #remade = new Map<string, number>();
  readonly #turns = new VmacTurns();
  #made = false;

  constructor(means: VmacMeans) {
    this.#means = means;
    this.#register = new VmacRegister((message) => means.post(message));
    this.#departures = new Departures((message) => means.post(message));
    this.#power = new VmacPower({
      client: means.client,
      links: means.links,
      refused: (instance) => this.#turns.soon(instance),
      log: (level, instance, text) => this.#log(level, instance, text),
    });
  }

  /**
   * Makes what the instance lacks, where the interface below exists. Returns the name of what cannot be made and a
   * clause why; "later": it will be among `due` soon; null: nothing is lacking.
   */
  ensure(instance: Instance, nowUs: number): Missing | "later" | null {
    for (let i = 0; i < instance.config.vmacs.length; i++) {
      const config = instance.config.vmacs[i]!;
      const parent = this.#means.links.named(config.parent);
      if (parent === undefined) continue;
      const error = this.#ensure(instance, config, parent, nowUs);
      if (error === "later") return error;
      if (error === null) continue;
      const ipvlan = config.ipvlan !== null;
      const everyUs = ipvlan && error !== FOUGHT_OVER ? REMAKE_IPVLAN_EVERY_US : REMAKE_EVERY_US;
      // What is in the way may go without a word: a lack of memory, a kernel module that is not loaded yet.
      this.#turns.at(instance, nowUs + everyUs);
      return { name: config.name, ipvlan, error };
    }
    return null;
  }

  /** When some are to be looked at again. */
  get nextDueUs(): number {
    return this.#turns.nextDueUs;
  }

  /** Those to be looked at again, if their time has come. */
  due(nowUs: number): readonly Instance[] {
    return this.#turns.due(nowUs);
  }

  /** Whether one has been made since this was asked: messages and frames name it by its index. */
  takeMade(): boolean {
    const made = this.#made;
    this.#made = false;
    return made;
  }

  #ensure(instance: Instance, config: VmacConfig, parent: Link, nowUs: number): string | null {
    const { links } = this.#means;
    const link = links.named(config.name);
    const device = this.#register.get(config.name);
    if (device !== undefined && this.#departures.has(device)) return this.#departing(device, instance, nowUs);
    let remadeUs = this.#remade.get(config.name) ?? -Infinity;
    if (device !== undefined && link?.ifindex !== device.ifindex) {
      const againUs = device.remadeUs + REMAKE_EVERY_US;
      if (nowUs < againUs && device.owner === instance) {
        return FOUGHT_OVER;
      }
      remadeUs = nowUs;
      const renamed = links.indexed(device.ifindex);
      if (renamed !== undefined) {
        // Under whatever name: while it is there, no other one on the interface below can have its MAC address.
        this.#remade.set(config.name, nowUs);
        this.#log("warning", instance, `${config.name} was renamed to ${renamed.name}; it is made anew`);
        return this.#departing(device, instance, nowUs);
      }
      this.#forget(device);
    } else if (device !== undefined) {
      const known = this.#known(device, { instance, config, parent, link: link! }, nowUs);
      return known === "unfit" ? this.#departing(device, instance, nowUs) : known;
    } else if (link !== undefined) {
      const found = this.#found({ instance, config, parent, link }, remadeUs);
      if (found !== "unfit") return found;
    }
    if (!this.#turns.take(nowUs)) {
      this.#turns.soon(instance);
      return "later";
    }
    if (this.#means.busy()) {
      this.#turns.at(instance, nowUs + LOOK_AGAIN_US);
      return "later";
    }
    return this.#attempt(() => this.#make(instance, config, parent, remadeUs));
  }

  /** It has to go before one can be made in its place. */
  #departing(device: Device, instance: Instance, nowUs: number): string | null {
    this.#leave(device);
    this.#departures.begin(device, nowUs);
    const error = this.#departures.wait(device, instance, nowUs);
    return error === null ? "later" : `the one that was there does not go: ${error}`;
  }

  /** One of ours is there. "unfit": another one is to be in its place. */
  #known(device: Device, { instance, config, parent, link }: Candidate, nowUs: number): string | null {
    // Below its smallest MTU IPv6 has left it, with all that it was told.
    const forgot = ipv6Returns(device.mtu, parent.mtu);
    const fits = !forgot && link.parentIfindex === parent.ifindex && hasItsMac(link, config) &&
      sameIpvlan(device.config.ipvlan, config.ipvlan);
    if (device.owner === instance && fits) {
      const error = this.#adopt(device, config) ?? this.#followMtu(device, parent.mtu) ??
        this.#attempt(() => this.#settle(instance, config, link, parent));
      if (error !== null) return error;
      return device.refused === null ? null : this.#tryAgain(device);
    }
    if (device.owner !== null && device.owner !== instance) {
      // A reload has replaced that instance: it goes once its successor is heard.
      this.#turns.at(instance, nowUs + LOOK_AGAIN_US);
      return "later";
    }
    if (!fits) return "unfit";
    this.#departures.recall(device);
    device.owner = instance;
    device.config = config;
    if (device.up && !instance.holding.wanted) this.down(instance);
    return this.#attempt(() => {
      configureDevice(this.#means.client, config, device.ifindex);
      this.#settle(instance, config, link, parent);
    });
  }

  /** Once it is there: in the VRF of the interface below, and, what is up all the time, up. */
  #settle(instance: Instance, config: VmacConfig, link: Link, parent: Link): void {
    const { client, links } = this.#means;
    const moved = followVrf(client, links, link, parent);
    if (moved !== null) this.#log("info", instance, moved);
    if (config.ipvlan !== null) raiseIpvlan(client, links, config, link);
  }

  /** Something of its name is there that this process has not made. "unfit": it is gone, one is to be made. */
  #found({ instance, config, parent, link }: Candidate, remadeUs: number): string | null {
    const { client, links } = this.#means;
    const ipvlan = config.ipvlan !== null;
    if (!isSuch(link, config, parent.ifindex)) {
      const keyword = ipvlan ? "use_ipvlan" : "use_vmac";
      return `another interface has that name; delete it, or give ${keyword} another name`;
    }
    // An ipvlan may have another flag or address than it is to have.
    if (link.alias === VMAC_MARK && !ipvlan) {
      return this.#attempt(() => {
        configureDevice(client, config, link.ifindex);
        this.#enter(instance, config, link, remadeUs);
        this.#settle(instance, config, link, parent);
      });
    }
    if (link.alias !== VMAC_MARK) {
      this.#log("warning", instance, `${config.name} was made by another program; it is made anew`);
    }
    const error = this.#attempt(() => {
      client.request((b) => buildLinkDelete(b, link.ifindex));
      links.deleted(link.ifindex);
    });
    return error ?? "unfit";
  }

  /** A reload may have brought its first IPv6 address, or taken the last. */
  #adopt(device: Device, config: VmacConfig): string | null {
    const before = device.config;
    device.config = config;
    if (before.ipv6 === config.ipv6) return null;
    device.muted = false;
    return this.#attempt(() => configureDevice(this.#means.client, config, device.ifindex));
  }

  /** The kernel makes it smaller with the interface below, but never larger again. */
  #followMtu(device: Device, mtu: number): string | null {
    if (device.mtu === mtu) return null;
    device.mtu = mtu;
    return this.#attempt(() => resizeVmac(this.#means.client, device.ifindex, mtu));
  }

  /** One that could not be taken up: whether it can be now. It goes down again, for its instance is at fault. */
  #tryAgain(device: Device): string | null {
    this.#power.turn(device, true);
    if (!device.owner!.holding.wanted) this.#power.down(device);
    return device.refused;
  }

  /** Runs `work`; what the kernel refuses becomes a clause. */
  #attempt(work: () => void): string | null {
    try {
      work();
      return null;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      return error.message;
    }
  }

  #make(instance: Instance, config: VmacConfig, parent: Link, remadeUs: number): void {
    const { client, links } = this.#means;
    const info = makeDevice(client, config, parent.ifindex);
    if (info === null) return;
    links.update(info);
    const link = links.indexed(info.ifindex)!;
    this.#enter(instance, config, link, remadeUs);
    this.#settle(instance, config, link, parent);
    this.#log("info", instance, `Success creating ${deviceText(config)}`);
  }

  #enter(instance: Instance, config: VmacConfig, link: Link, remadeUs: number): void {
    const up = (link.flags & IF.IFF_UP) !== 0;
    this.#register.enter({
      config,
      owner: instance,
      ifindex: link.ifindex,
      up,
      muted: false,
      mtu: link.mtu,
      refused: null,
      remadeUs,
      power: new VmacSwitch(link.ifindex),
    });
    this.#remade.delete(config.name);
    this.#made = true;
    if (instance.holding.wanted) this.#means.lost(instance);
    else if (up) this.down(instance);
  }

  /** Takes the instance's VMACs up: it becomes Master, and its addresses come next. */
  up(instance: Instance): void {
    for (let i = 0; i < instance.config.vmacs.length; i++) {
      const device = this.#register.own(instance, i);
      if (device !== null) this.#power.up(device);
    }
  }

  /**
   * The instance's addresses are about to go, and others answer for its MAC addresses already: membership reports
   * (MLD) of the groups that the addresses leave would send a switch back here. With IPv6 off none is sent.
   */
  mute(instance: Instance): void {
    for (let i = 0; i < instance.config.vmacs.length; i++) {
      const device = this.#register.own(instance, i);
      if (device !== null && this.#power.mute(device)) instance.holding.vanished(device.ifindex, "ipv6");
    }
  }

  /** Takes them down, as soon as there is time: the addresses are gone. */
  down(instance: Instance): void {
    for (let i = 0; i < instance.config.vmacs.length; i++) {
      const device = this.#register.own(instance, i);
      if (device !== null) this.#power.down(device);
    }
  }

  /** The instance has left: its VMACs are deleted, unless another instance takes them over. */
  release(instance: Instance): void {
    for (const [i, config] of instance.config.vmacs.entries()) {
      const device = this.#register.own(instance, i);
      if (device === null) continue;
      this.#log("info", instance, `Success removing ${deviceText(config)}`);
      this.#leave(device);
      this.#departures.plan(device, monotonicUs());
    }
  }

  #leave(device: Device): void {
    device.owner = null;
    this.#power.forget(device);
  }

  /**
   * Takes down one that waits for it, if the next deadline leaves the time, and has deleted what is due. Returns when
   * it wants to be called again.
   */
  pump(nowUs: number, untilUs: number): number {
    return Math.min(this.#departures.pump(nowUs), this.#power.pump(nowUs, untilUs));
  }

  /** An interface is not as it was: somebody may have taken a Master's VMAC down. */
  changed(info: LinkInfo): void {
    const device = this.#register.get(info.name);
    if (device === undefined || device.ifindex !== info.ifindex || !device.up) return;
    if ((info.flags & IF.IFF_UP) !== 0 || device.owner === null || !device.owner.holding.wanted) return;
    // The event may be older than what we have done since.
    const now = this.#means.client.link(info.name);
    if (now === null || (now.flags & IF.IFF_UP) !== 0) return;
    device.up = false;
    this.#means.lost(device.owner);
  }

  /** Whether the control thread is about to delete the interface with this index. */
  isLeaving(ifindex: number): boolean {
    return this.#departures.hasIndex(ifindex);
  }

  /** One that was leaving is gone: those that wait for its name go on. */
  gone(ifindex: number): void {
    const departure = this.#departures.gone(ifindex);
    if (departure === undefined) return;
    this.#forget(departure.device);
    for (const instance of departure.waiting) this.#turns.soon(instance);
  }

  /** All interfaces were read anew: what is not among them is gone. */
  sweep(): void {
    for (const ifindex of this.#departures.indexes()) {
      if (this.#means.links.indexed(ifindex) === undefined) this.gone(ifindex);
    }
  }

  /** The control thread could not delete these; `error`: a clause. Those that wait for them are at fault. */
  stay(indexes: readonly number[], error: string): void {
    for (const instance of this.#departures.failed(indexes, error)) this.#turns.soon(instance);
  }

  #forget(device: Device): void {
    this.#power.forget(device);
    this.#departures.recall(device);
    this.#register.forget(device);
  }

  /** Deletes all of them at once. */
  withdraw(): void {
    const devices = this.#register.all();
    const error = this.#attempt(() => deleteVmacs(this.#means.client, devices.map(({ ifindex }) => ifindex)));
    if (error !== null) {
      const text = `VMAC interfaces stay: ${error}; baton cleanup removes them`;
      this.#means.post({ type: "log", level: "error", id: null, text });
    } else {
      for (const device of devices) {
        const { owner, config } = device;
        if (owner !== null) this.#log("info", owner, `Success removing ${deviceText(config)}`);
        this.#forget(device);
      }
    }
    this.#departures.clear();
  }

  /** Tells the control thread what is to be taken away should this process die, if that has changed. */
  tell(): void {
    this.#register.tell();
  }

  #log(level: "info" | "warning" | "error", { id }: Instance, text: string): void {
    this.#means.post({ type: "log", level, id, text });
  }
}

/** An instance that needs a VMAC, and the interface that has its name. */
interface Candidate {
  instance: Instance;
  config: VmacConfig;
  parent: Link;
  link: Link;
}
