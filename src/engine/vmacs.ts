// Interfaces with virtual MAC addresses: macvlans that are made with their instance, up while it is Master, and gone
// with it. And ipvlans, which are up all the time.
//
// Bridge mode: the adverts of others, which carry our own virtual MAC address, then arrive at the interface below in
// every state. Down while Backup: frames to the virtual MAC address are dropped for free.
import { monotonicUs } from "../../native/clock.ts";
import { IF, IF_LINK, IP_CONF } from "../../native/constants.ts";
import { ERRNO, SyscallError } from "../../native/errno.ts";
import { Memory } from "../../native/memory.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import {
  buildGroupDelete,
  buildLinkChange,
  buildLinkDelete,
  buildMacvlan,
  LINK_UP_BYTES,
  type LinkInfo,
  writeLinkUp,
} from "../../native/netlink/link.ts";
import { readSysctl, writeSysctl } from "../../native/sysctl.ts";
import type { VmacConfig } from "../config/model.ts";
import { macBytes } from "../config/vmac.ts";
import type { FromEngine, KeptVmac } from "../messages.ts";
import type { Instance } from "./instance.ts";
import { configureIpvlan, makeIpvlan, raiseIpvlan, sameIpvlan } from "./ipvlan.ts";
import { type Link, type Links, sameBytes } from "./links.ts";

/** IFLA_IFALIAS of what baton has made: how a left macvlan is known from others. */
export const VMAC_MARK = "baton";
/** Taking one down or deleting it keeps the kernel busy for so long (it waits for readers): 5 to 30 ms measured. */
const DOWN_COST_US = 10_000;
const DELETE_COST_US = 40_000;
/** Such work waits for a gap between the deadlines, but not for ever. */
const PATIENCE_US = 100_000;
/** Made in one turn of the loop: one takes 0.4 ms, and adverts of others fall due meanwhile. */
const MADE_PER_TURN = 8;
/** How long an instance waits before it looks again whether another one has given up a VMAC. */
const LOOK_AGAIN_US = 20_000;
/** One that cannot be made, or that somebody deletes again and again, is tried again once a second. */
const REMAKE_EVERY_US = 1_000_000;
/** The kernel writes a line or looks for a module each time; most of what is in the way tells when it goes. */
const REMAKE_IPVLAN_EVERY_US = 10_000_000;
const FOUGHT_OVER = "another program deletes it again and again";
/** IFLA_GROUP of what is about to be deleted, and of nothing else on this machine. */
const LEAVING_GROUP = 0x6261_746e;
/** RFC 8200 section 5. */
const IPV6_LEAST_MTU = 1280;
/** Of a VMAC with IPv6 addresses, below net/ipv6/conf/NAME; disable_ipv6 last. */
const IPV6_SYSCTLS: readonly (readonly [string, string])[] = [
  // An address made of a router's prefix and the virtual MAC address would be that of the whole group as well.
  ["accept_ra", "0"],
  ["autoconf", "0"],
  // After a crash the kernel takes the addresses away and reports twice that their groups are left: the second
  // report must not come when another one is Master.
  ["mldv2_unsolicited_report_interval", "10"],
  ["disable_ipv6", "0"],
];
const NO_IPV6_SYSCTLS: typeof IPV6_SYSCTLS = [["disable_ipv6", "1"]];
const NONE: readonly Instance[] = [];
const DOWN_AT = (LINK_UP_BYTES + 7) & ~7;

/** One of our macvlans. */
interface Device {
  config: VmacConfig;
  /** Null: nobody's any more, to be deleted. */
  owner: Instance | null;
  ifindex: number;
  up: boolean;
  /** IPv6 is off on it until it is down: its addresses leave without a word. */
  muted: boolean;
  /** MTU of the interface below when this one was last given it. */
  mtu: number;
  /** Why the kernel does not take it up, a clause; null: it does. */
  refused: string | null;
  /** When it was last made again; -Infinity = never. */
  remadeUs: number;
  /** When the work on it must be done, gap or not; Infinity = there is none. */
  workUs: number;
  /** The messages that take it up and down. */
  memory: Memory;
}

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
}

/** All VMACs of this process. */
export class Vmacs {
  readonly #means: VmacMeans;
  readonly #devices = new Map<string, Device>();
  readonly #results = new Int32Array(1);
  /** Instances that are to be looked at again in the next turns, a few in each; and others at a certain time. */
  readonly #next = new Set<Instance>();
  readonly #waiting = new Set<Instance>();
  #waitingUs = Infinity;
  /** The turn of the loop, by its time, and how many were made in it. */
  #turnUs = 0;
  #madeInTurn = 0;
  #made = false;
  #working = 0;

  constructor(means: VmacMeans) {
    this.#means = means;
  }

  /**
   * Makes what the instance lacks, where the interface below exists. Returns the name of what cannot be made and a
   * clause why; "later": it will be among `due` soon; null: nothing is lacking.
   */
  ensure(instance: Instance, nowUs: number): Missing | "later" | null {
    if (nowUs !== this.#turnUs) {
      this.#turnUs = nowUs;
      this.#madeInTurn = 0;
    }
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
      this.#await(instance, nowUs + everyUs);
      return { name: config.name, ipvlan, error };
    }
    return null;
  }

  /** When some are to be looked at again. */
  get nextDueUs(): number {
    return this.#next.size > 0 ? 0 : this.#waitingUs;
  }

  /** Those to be looked at again, if their time has come. */
  due(nowUs: number): readonly Instance[] {
    if (nowUs < this.nextDueUs) return NONE;
    const due: Instance[] = [];
    for (const instance of this.#next) {
      if (due.length === MADE_PER_TURN) break;
      due.push(instance);
      this.#next.delete(instance);
    }
    if (nowUs < this.#waitingUs) return due;
    due.push(...this.#waiting);
    this.#waiting.clear();
    this.#waitingUs = Infinity;
    return due;
  }

  #await(instance: Instance, untilUs: number): void {
    this.#waiting.add(instance);
    this.#waitingUs = Math.min(this.#waitingUs, untilUs);
  }

  /** Whether one has been made since this was asked: messages and frames name it by its index. */
  takeMade(): boolean {
    const made = this.#made;
    this.#made = false;
    return made;
  }

  #ensure(instance: Instance, config: VmacConfig, parent: Link, nowUs: number): string | null {
    const { links } = this.#means;
    const ipvlan = config.ipvlan !== null;
    const mac = macBytes(config.mac);
    const link = links.named(config.name);
    let device = this.#devices.get(config.name);
    let remadeUs = -Infinity;
    if (device !== undefined && link?.ifindex !== device.ifindex) {
      const againUs = device.remadeUs + REMAKE_EVERY_US;
      if (nowUs < againUs && device.owner === instance) {
        return FOUGHT_OVER;
      }
      const renamed = links.indexed(device.ifindex);
      if (renamed !== undefined) {
        // Under whatever name: while it is there, no other one on the interface below can have its MAC address.
        const stale = device;
        const error = this.#attempt(() => this.#remove(stale));
        if (error !== null) return error;
        this.#log("warning", instance, `${config.name} was renamed to ${renamed.name}; it is made anew`);
      } else this.#forget(device);
      remadeUs = nowUs;
      device = undefined;
    }
    if (device !== undefined) {
      // Below its smallest MTU IPv6 has left it, with all that it was told.
      const forgot = device.mtu < IPV6_LEAST_MTU && parent.mtu >= IPV6_LEAST_MTU;
      const fits = !forgot && link!.parentIfindex === parent.ifindex &&
        (ipvlan || sameBytes(link!.mac, mac)) && sameIpvlan(device.config.ipvlan, config.ipvlan);
      if (device.owner === instance && fits) {
        const error = this.#adopt(device, config) ?? this.#followMtu(device, parent.mtu) ??
          this.#attempt(() => this.#followVrf(instance, link!, parent)) ??
          (ipvlan ? this.#attempt(() => raiseIpvlan(this.#means.client, links, config, link!)) : null);
        if (error !== null) return error;
        return device.refused === null ? null : this.#tryAgain(device);
      }
      if (device.owner !== null && device.owner !== instance) {
        // A reload has replaced that instance: it goes once its successor is heard.
        this.#await(instance, nowUs + LOOK_AGAIN_US);
        return "later";
      }
      if (fits) {
        if (device.workUs !== Infinity) this.#working--;
        device.workUs = Infinity;
        device.owner = instance;
        device.config = config;
        if (device.up && !instance.holding.wanted) this.down(instance);
        this.#report();
        return this.#attempt(() => this.#configure(config, device.ifindex));
      }
      const error = this.#attempt(() => this.#remove(device));
      if (error !== null) return error;
    } else if (link !== undefined) {
      const virtual = link.kind === (ipvlan ? "ipvlan" : "macvlan") &&
        link.parentIfindex === parent.ifindex &&
        (ipvlan || sameBytes(link.mac, mac));
      if (!virtual) {
        const keyword = ipvlan ? "use_ipvlan" : "use_vmac";
        return `another interface has that name; delete it, or give ${keyword} another name`;
      }
      // An ipvlan may have another flag or address than it is to have.
      if (link.alias === VMAC_MARK && !ipvlan) {
        return this.#attempt(() => {
          this.#configure(config, link.ifindex);
          this.#enter(instance, config, link, remadeUs);
          this.#followVrf(instance, link, parent);
        });
      }
      if (link.alias !== VMAC_MARK) {
        this.#log("warning", instance, `${config.name} was made by another program; it is made anew`);
      }
      const error = this.#attempt(() => {
        this.#means.client.request((b) => buildLinkDelete(b, link.ifindex));
        links.deleted(link.ifindex);
      });
      if (error !== null) return error;
    }
    if (++this.#madeInTurn > MADE_PER_TURN) {
      this.#next.add(instance);
      return "later";
    }
    return this.#attempt(() => this.#make(instance, config, parent, mac, remadeUs));
  }

  /** A reload may have brought its first IPv6 address, or taken the last. */
  #adopt(device: Device, config: VmacConfig): string | null {
    const before = device.config;
    device.config = config;
    if (before.ipv6 === config.ipv6) return null;
    device.muted = false;
    return this.#attempt(() => this.#configure(config, device.ifindex));
  }

  /** The kernel makes it smaller with the interface below, but never larger again. */
  #followMtu(device: Device, mtu: number): string | null {
    if (device.mtu === mtu) return null;
    device.mtu = mtu;
    return this.#attempt(() =>
      this.#means.client.request((b) => buildLinkChange(b, device.ifindex, { mtu }), `set the MTU to ${mtu}`)
    );
  }

  /** It is in the VRF of the interface below, or in none: else the addresses would be in another routing table. */
  #followVrf(instance: Instance, link: Link, parent: Link): void {
    const { client, links } = this.#means;
    const vrfOf = ({ masterIfindex }: Link) =>
      (links.indexed(masterIfindex)?.vrfTable ?? 0) === 0 ? 0 : masterIfindex;
    const masterIfindex = vrfOf(parent);
    if (vrfOf(link) === masterIfindex) return;
    client.request(
      (b) => buildLinkChange(b, link.ifindex, { masterIfindex }),
      `put ${link.name} into the VRF of ${parent.name}`,
    );
    link.masterIfindex = masterIfindex;
    const vrf = links.indexed(masterIfindex)?.name;
    const where = vrf === undefined ? "in no VRF" : `in the VRF ${vrf}`;
    this.#log("info", instance, `${link.name} is ${where}, as ${parent.name} is`);
  }

  /** One that could not be taken up: whether it can be now. It goes down again, for its instance is at fault. */
  #tryAgain(device: Device): string | null {
    this.#switch(device, true);
    if (device.up && !device.owner!.holding.wanted) this.#plan(device);
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

  #make(instance: Instance, config: VmacConfig, parent: Link, mac: Uint8Array, remadeUs: number): void {
    const { client, links } = this.#means;
    const ipvlan = config.ipvlan !== null;
    if (ipvlan) makeIpvlan(client, config, parent.ifindex);
    else {
      client.request(
        (b) =>
          buildMacvlan(
            b,
            config.name,
            parent.ifindex,
            mac,
            IF_LINK.MACVLAN_MODE_BRIDGE,
            config.group ?? 0,
          ),
        `make a macvlan on ${config.parent} (is the kernel module macvlan there?)`,
      );
    }
    this.#configure(config, 0);
    const info = client.link(config.name);
    if (info === null) return;
    links.update(info);
    const link = links.indexed(info.ifindex)!;
    this.#enter(instance, config, link, remadeUs);
    this.#followVrf(instance, link, parent);
    if (ipvlan) raiseIpvlan(client, links, config, link);
    this.#log("info", instance, `Success creating ${shown(config)}`);
  }

  /** What it has to be before it is up; with ifindex 0 the one of that name. */
  #configure(config: VmacConfig, ifindex: number): void {
    if (config.ipvlan !== null) return configureIpvlan(this.#means.client, config, ifindex, VMAC_MARK);
    const { name, group } = config;
    // The greater one of the interface's value and that of all interfaces counts; with 1 the addresses would not answer.
    const strict = readSysctl("net/ipv4/conf/all/rp_filter") === "1";
    this.#means.client.request((b) =>
      buildLinkChange(b, ifindex, {
        ...(ifindex === 0 ? { name } : { group: group ?? 0 }),
        alias: VMAC_MARK,
        // A link-local address made of the virtual MAC address would be that of every router of the group.
        noIpv6Autoconf: true,
        ipv4Conf: [
          [IP_CONF.IPV4_DEVCONF_ARP_ANNOUNCE, 2],
          [IP_CONF.IPV4_DEVCONF_ARP_IGNORE, 1],
          [IP_CONF.IPV4_DEVCONF_ARPFILTER, 0],
          [IP_CONF.IPV4_DEVCONF_RP_FILTER, strict ? 2 : 0],
          [IP_CONF.IPV4_DEVCONF_PROMOTE_SECONDARIES, 1],
        ],
      }), `configure the macvlan ${name}`);
    // No multicast report leaves an interface that IPv6 does not know.
    for (const [parameter, value] of config.ipv6 ? IPV6_SYSCTLS : NO_IPV6_SYSCTLS) {
      writeSysctl(`net/ipv6/conf/${name}/${parameter}`, value);
    }
  }

  #enter(instance: Instance, config: VmacConfig, link: Link, remadeUs: number): void {
    const memory = new Memory(2 * DOWN_AT);
    writeLinkUp(memory, 0, link.ifindex, true);
    writeLinkUp(memory, DOWN_AT, link.ifindex, false);
    const up = (link.flags & IF.IFF_UP) !== 0;
    this.#devices.set(config.name, {
      config,
      owner: instance,
      ifindex: link.ifindex,
      up,
      muted: false,
      mtu: link.mtu,
      refused: null,
      remadeUs,
      workUs: Infinity,
      memory,
    });
    this.#made = true;
    if (instance.holding.wanted) this.#means.lost(instance);
    else if (up) this.down(instance);
    this.#report();
  }

  /** Takes the instance's VMACs up: it becomes Master, and its addresses come next. */
  up(instance: Instance): void {
    for (let i = 0; i < instance.config.vmacs.length; i++) {
      const device = this.#devices.get(instance.config.vmacs[i]!.name);
      if (device === undefined || device.owner !== instance || device.config.ipvlan !== null) continue;
      if (device.workUs !== Infinity) this.#working--;
      device.workUs = Infinity;
      if (device.muted) this.#unmute(device);
      if (!device.up) this.#switch(device, true);
    }
  }

  /**
   * The instance's addresses are about to go, and others answer for its MAC addresses already: membership reports
   * (MLD) of the groups that the addresses leave would send a switch back here. With IPv6 off none is sent.
   */
  mute(instance: Instance): void {
    const { holding, config } = instance;
    for (let i = 0; i < config.vmacs.length; i++) {
      const device = this.#devices.get(config.vmacs[i]!.name);
      if (device === undefined || device.owner !== instance || !device.up || device.muted) continue;
      if (!device.config.ipv6 || writeSysctl(disableIpv6(device), "1") !== null) continue;
      device.muted = true;
      holding.vanished(device.ifindex, "ipv6");
    }
  }

  #unmute(device: Device): void {
    device.muted = false;
    writeSysctl(disableIpv6(device), "0");
  }

  /** Takes them down, as soon as there is time: the addresses are gone. */
  down(instance: Instance): void {
    for (let i = 0; i < instance.config.vmacs.length; i++) {
      const device = this.#devices.get(instance.config.vmacs[i]!.name);
      if (device === undefined || device.owner !== instance || !device.up) continue;
      this.#plan(device);
    }
  }

  /** The instance has left: its VMACs are deleted, as soon as there is time. */
  release(instance: Instance): void {
    for (const device of this.#devices.values()) {
      if (device.owner !== instance) continue;
      device.owner = null;
      this.#plan(device);
      this.#log("info", instance, `Success removing ${shown(device.config)}`);
    }
  }

  #plan(device: Device): void {
    if (device.workUs === Infinity) {
      device.workUs = monotonicUs() + PATIENCE_US;
      this.#working++;
    }
  }

  /** Does one piece of what waits, if the next deadline leaves the time. Returns when it wants to be called again. */
  pump(nowUs: number, untilUs: number): number {
    if (this.#working === 0) return Infinity;
    let first: Device | null = null;
    for (const device of this.#devices.values()) {
      if (device.workUs < (first?.workUs ?? Infinity)) first = device;
    }
    if (first === null) return Infinity;
    const costUs = first.owner === null ? DELETE_COST_US : DOWN_COST_US;
    if (nowUs + costUs > untilUs && nowUs < first.workUs) return first.workUs;
    this.#working--;
    first.workUs = Infinity;
    if (first.owner !== null) this.#switch(first, false);
    else {
      const device = first;
      const error = this.#attempt(() => this.#remove(device));
      if (error !== null) {
        this.#devices.delete(device.config.name);
        this.#means.post({
          type: "log",
          level: "error",
          id: null,
          text: `${device.config.name} stays: ${error}`,
        });
      }
    }
    return this.#working === 0 ? Infinity : 0;
  }

  #switch(device: Device, up: boolean): void {
    const { client, links } = this.#means;
    const start = up ? 0 : DOWN_AT;
    const sent = client.transact(device.memory, start, start + LINK_UP_BYTES, this.#results);
    const result = sent < 0 ? sent : this.#results[0]!;
    if (result === 0) {
      device.up = up;
      if (up) device.refused = null;
      if (!up && device.muted) this.#unmute(device);
      const link = links.indexed(device.ifindex);
      if (link !== undefined) link.flags = up ? link.flags | IF.IFF_UP : link.flags & ~IF.IFF_UP;
      return;
    }
    if (result === -ERRNO.ENODEV) return;
    const why = new SyscallError({
      call: "netlink",
      errno: -result,
      tried: `take ${device.config.name} ${up ? "up" : "down"}`,
      detail: sent < 0 ? "" : client.errorText(0),
    }).message;
    const advice = -result === ERRNO.EADDRINUSE
      ? ": another macvlan on the same interface has its MAC address; delete that one, or give use_vmac another"
      : "";
    if (device.owner === null) return;
    if (!up) return this.#log("error", device.owner, `${why}${advice}`);
    // Nobody reaches addresses on it: another one is to be Master.
    device.refused = `${why}${advice}`;
    this.#next.add(device.owner);
  }

  /** An interface is not as it was: somebody may have taken a Master's VMAC down. */
  changed(info: LinkInfo): void {
    const device = this.#devices.get(info.name);
    if (device === undefined || device.ifindex !== info.ifindex || !device.up) return;
    if ((info.flags & IF.IFF_UP) !== 0 || device.owner === null || !device.owner.holding.wanted) return;
    // The event may be older than what we have done since.
    const now = this.#means.client.link(info.name);
    if (now === null || (now.flags & IF.IFF_UP) !== 0) return;
    device.up = false;
    this.#means.lost(device.owner);
  }

  /** Whether an interface is one of ours, whatever state it is in. */
  owns(name: string): boolean {
    return this.#devices.has(name);
  }

  #forget(device: Device): void {
    if (device.workUs !== Infinity) this.#working--;
    device.workUs = Infinity;
    this.#devices.delete(device.config.name);
  }

  #remove(device: Device): void {
    this.#forget(device);
    deleteVmacs(this.#means.client, [device.ifindex]);
    this.#means.links.deleted(device.ifindex);
    this.#report();
  }

  /** Deletes all of them at once. */
  withdraw(): void {
    const error = this.#attempt(() =>
      deleteVmacs(this.#means.client, [...this.#devices.values()].map(({ ifindex }) => ifindex))
    );
    if (error !== null) {
      const text = `VMAC interfaces stay: ${error}; baton cleanup removes them`;
      this.#means.post({ type: "log", level: "error", id: null, text });
    } else {
      for (const { owner, config } of this.#devices.values()) {
        if (owner !== null) this.#log("info", owner, `Success removing ${shown(config)}`);
      }
      this.#devices.clear();
    }
    this.#working = 0;
    this.#report();
  }

  /** Tells the control thread what is to be taken away should this process die. */
  #report(): void {
    const vmacs = [...this.#devices.values()].map(({ config }): KeptVmac => ({
      name: config.name,
      mac: config.mac,
    }));
    this.#means.post({ type: "kept_vmacs", vmacs });
  }

  #log(level: "info" | "warning" | "error", { id }: Instance, text: string): void {
    this.#means.post({ type: "log", level, id, text });
  }
}

/** Deletes interfaces; several in one group, so that the kernel waits once. Throws SyscallError. */
export function deleteVmacs(client: RouteClient, indexes: readonly number[]): void {
  const [first] = indexes;
  if (first === undefined) return;
  if (indexes.length === 1) return ignoringGone(() => client.request((b) => buildLinkDelete(b, first)));
  for (const ifindex of indexes) {
    ignoringGone(() => client.request((b) => buildLinkChange(b, ifindex, { group: LEAVING_GROUP })));
  }
  ignoringGone(() => client.request((b) => buildGroupDelete(b, LEAVING_GROUP)));
}

function shown({ name, ipvlan }: VmacConfig): string {
  return `${ipvlan === null ? "VMAC" : "ipvlan"} interface ${name}`;
}

function disableIpv6({ config }: Device): string {
  return `net/ipv6/conf/${config.name}/disable_ipv6`;
}

/** Whoever has deleted it has done what was wanted. */
function ignoringGone(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== ERRNO.ENODEV) throw error;
  }
}
