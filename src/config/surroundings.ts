// A configuration against the addresses and the files of this machine: what exists and will still surprise. Always
// warnings.
import { carrierOf } from "./vmac.ts";
import { parseAddress } from "../vrrp/address.ts";
import { counted } from "./advice.ts";
import { type Diagnostic, Report } from "./diagnostic.ts";
import type { PlacedInstance } from "./placed.ts";
import type { Family, InstanceConfig, VirtualAddress } from "./model.ts";
import type { Placed } from "./read.ts";
import type { Span } from "./text.ts";
import type { ReadCommand } from "./values.ts";

/** An address that this machine has. */
export interface LocalAddress {
  interface: string;
  family: Family;
  /** Canonical text. */
  address: string;
  prefixLength: number;
  linkLocal: boolean;
}

/** Questions about this machine. */
export interface Surroundings {
  addresses: () => LocalAddress[];
  /** Who besides root may change what these words run: the end of a sentence that begins with `path`; null: nobody. */
  changeable: (words: readonly string[]) => { path: string; reason: string } | null;
  interfaceExists: (name: string) => boolean;
  /** Whether there is such an interface, and it leads nowhere. */
  isLoopback: (name: string) => boolean;
}

const NOTIFY = ["notify", "notify_master", "notify_backup", "notify_fault", "notify_stop"];
const NOTIFIES: ReadonlySet<string> = new Set(NOTIFY);

/** Warnings about subnets, peers and scripts. */
export function lintSurroundings(file: string, placed: Placed, machine: Surroundings): Diagnostic[] {
  const report = new Report(file);
  const local = machine.addresses();
  // A Master has its own virtual addresses: they say nothing of the network.
  const own = new Set(local.map(({ address }) => address));
  for (const { listed } of placed.instances) for (const { value } of listed) own.delete(value.address);
  const fixed = local.filter(({ address }) => own.has(address));
  const subnets = new Subnets(fixed);
  const dynamic = placed.globals.has("dynamic_interfaces");
  for (const instance of placed.instances) {
    lintSubnets(report, instance, subnets);
    lintPeers(report, instance, fixed);
    const { settings } = instance;
    lintLoopback(report, instance, machine);
    if (!dynamic) lintUnicastVmac(report, instance, machine);
    if (!settings.hasAny(NOTIFIES)) continue;
    for (const keyword of NOTIFY) {
      lintCommand(report, settings.command(keyword), settings.span(keyword), machine);
    }
  }
  for (const { settings } of placed.scripts) {
    lintCommand(report, settings.command("script"), settings.span("script"), machine);
  }
  return report.diagnostics();
}

function lintLoopback(report: Report, { instance, settings }: PlacedInstance, machine: Surroundings): void {
  if (!machine.isLoopback(instance.interface)) return;
  const what = `vrrp_instance ${instance.name} runs on ${instance.interface}, where no other router hears it`;
  report.warning(
    settings.span("interface"),
    `${what} and keepalived leaves it out; name the interface of the LAN`,
  );
}

/** keepalived lets a VMAC go where it cannot choose the interface of unicast adverts yet. */
function lintUnicastVmac(report: Report, placed: PlacedInstance, machine: Surroundings): void {
  const { instance, settings } = placed;
  if (!settings.has("unicast_peer") || !settings.has("interface")) return;
  const keyword = ["use_vmac", "use_ipvlan"].find((name) => settings.has(name));
  if (keyword === undefined) return;
  const below = carrierOf(instance, instance.interface);
  if (machine.interfaceExists(below)) return;
  const what = `vrrp_instance ${instance.name} has unicast peers and no ${below} on this machine, so ` +
    `keepalived ignores ${keyword}, and baton makes the ${
      keyword === "use_vmac" ? "VMAC" : "ipvlan"
    } once it is there`;
  report.warning(placed.end, `${what}; create ${below}, or add dynamic_interfaces to global_defs`);
}

/** A subnet of this machine. */
interface Subnet {
  shown: string;
  address: Uint8Array | null;
  prefixLength: number;
}

const NO_SUBNETS: readonly Subnet[] = [];

/** The subnets by interface and family: instances by the thousand share a few. */
class Subnets {
  readonly #found = { ipv4: new Map<string, Subnet[]>(), ipv6: new Map<string, Subnet[]>() };

  constructor(local: readonly LocalAddress[]) {
    for (const { interface: name, family, address, prefixLength, linkLocal } of local) {
      if (linkLocal) continue;
      const subnet = { shown: `${address}/${prefixLength}`, address: parseAddress(address), prefixLength };
      const known = this.#found[family].get(name);
      if (known === undefined) this.#found[family].set(name, [subnet]);
      else known.push(subnet);
    }
  }

  /** Those that the addresses of its interface and family tell of. */
  of(instance: InstanceConfig, value: VirtualAddress): readonly Subnet[] {
    return this.#found[value.family].get(carrierOf(instance, value.interface)) ?? NO_SUBNETS;
  }
}

function lintSubnets(report: Report, { instance, listed }: PlacedInstance, subnets: Subnets): void {
  const outside = listed.filter(({ value }) => isOutside(value, subnets.of(instance, value)));
  const first = outside[0];
  if (first === undefined) return;
  const there = subnets.of(instance, first.value).map(({ shown }) => shown).join(", ");
  const verb = outside.length === 1 ? "is" : "are";
  const what =
    `${counted(first.value.address, outside.length)} of vrrp_instance ${instance.name} ${verb} outside ` +
    `every subnet of ${carrierOf(instance, first.value.interface)} (${there})`;
  report.warning(
    first.word.span,
    `${what}, so the machines there need a route; correct the address, or name another interface with dev`,
  );
}

function isOutside({ address }: VirtualAddress, subnets: readonly Subnet[]): boolean {
  // Without any address the machine is not set up yet, or the interface has none on purpose.
  if (subnets.length === 0 || isLinkLocal(address)) return false;
  const bytes = parseAddress(address);
  return !subnets.some((subnet) => sameSubnet(subnet.address, bytes, subnet.prefixLength));
}

function lintPeers(
  report: Report,
  { instance, settings }: PlacedInstance,
  local: readonly LocalAddress[],
): void {
  if (instance.unicastPeers.length === 0) return;
  const words = settings.entries("unicast_peer").map((s) => s.words[0]);
  for (const peer of instance.unicastPeers) {
    // That one is told without looking at the machine.
    if (peer === instance.sourceAddress) continue;
    const own = local.find(({ address }) => address === peer);
    if (own === undefined) continue;
    const where = words.find(({ value }) => value === peer)?.span ?? settings.keywordSpan("unicast_peer");
    const what =
      `the unicast peer ${peer} of vrrp_instance ${instance.name} is this machine (${own.interface})`;
    report.warning(where, `${what}, so it sends its adverts to itself; list the other routers only`);
  }
}

function lintCommand(
  report: Report,
  read: ReadCommand | undefined,
  where: Span | null,
  machine: Surroundings,
): void {
  const found = read === undefined ? null : machine.changeable(read.command.words);
  if (found === null) return;
  const what = `${found.path} ${found.reason}, so others than root decide what baton runs`;
  const itself = read?.command.words.includes(found.path) === true;
  const cure = itself
    ? "run chown root and chmod go-w on it"
    : "put the script where root alone may change it";
  report.warning(where, `${what}; ${cure}`);
}

function isLinkLocal(address: string): boolean {
  return /^(?:fe[89ab]|169\.254\.)/i.test(address);
}

function sameSubnet(one: Uint8Array | null, other: Uint8Array | null, prefixLength: number): boolean {
  if (one === null || other === null || one.length !== other.length) return false;
  const whole = prefixLength >> 3;
  for (let i = 0; i < whole; i++) if (one[i] !== other[i]) return false;
  const rest = prefixLength & 7;
  return rest === 0 || (one[whole]! ^ other[whole]!) >> (8 - rest) === 0;
}
