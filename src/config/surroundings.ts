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
}

const NOTIFY = ["notify", "notify_master", "notify_backup", "notify_fault", "notify_stop"];
const NOTIFIES: ReadonlySet<string> = new Set(NOTIFY);

/** Warnings about subnets, peers and scripts. */
export function lintSurroundings(file: string, placed: Placed, machine: Surroundings): Diagnostic[] {
  const report = new Report(file);
  const local = machine.addresses();
  const virtual = new Set(placed.instances.flatMap(({ listed }) => listed.map(({ value }) => value.address)));
  // A Master has its own virtual addresses: they say nothing of the network.
  const fixed = local.filter(({ address }) => !virtual.has(address));
  for (const instance of placed.instances) {
    lintSubnets(report, instance, fixed);
    lintPeers(report, instance, fixed);
    const { settings } = instance;
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

function lintSubnets(
  report: Report,
  { instance, listed }: PlacedInstance,
  local: readonly LocalAddress[],
): void {
  const outside = listed.filter(({ value }) => {
    const there = subnetsOf(instance, value, local);
    // Without any address the machine is not set up yet, or the interface has none on purpose.
    return there.length > 0 && !isLinkLocal(value.address) &&
      !there.some((a) => sameSubnet(a.address, value.address, a.prefixLength));
  });
  const [first] = outside;
  if (first === undefined) return;
  const subnets = subnetsOf(instance, first.value, local).map((a) => `${a.address}/${a.prefixLength}`).join(
    ", ",
  );
  const verb = outside.length === 1 ? "is" : "are";
  const what =
    `${counted(first.value.address, outside.length)} of vrrp_instance ${instance.name} ${verb} outside ` +
    `every subnet of ${carrierOf(instance, first.value.interface)} (${subnets})`;
  report.warning(
    first.word.span,
    `${what}, so the machines there need a route; correct the address, or name another interface with dev`,
  );
}

/** The addresses of its interface and family that say what the network is. */
function subnetsOf(
  instance: InstanceConfig,
  value: VirtualAddress,
  local: readonly LocalAddress[],
): LocalAddress[] {
  const carrier = carrierOf(instance, value.interface);
  return local.filter((a) => a.interface === carrier && a.family === value.family && !a.linkLocal);
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

function sameSubnet(a: string, b: string, prefixLength: number): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  if (one === null || other === null || one.length !== other.length) return false;
  for (let bit = 0; bit < prefixLength; bit++) {
    const mask = 0x80 >> (bit & 7);
    if (((one[bit >> 3]! ^ other[bit >> 3]!) & mask) !== 0) return false;
  }
  return true;
}
