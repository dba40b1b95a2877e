// The files of two routers against each other: what each allows, but both together do not do. Always warnings, at
// the place in the second file, which names the first.
import { basename } from "node:path";
import { type Diagnostic, Report } from "./diagnostic.ts";
import type { PlacedInstance } from "./placed.ts";
import type { InstanceConfig } from "./model.ts";
import type { Placed } from "./read.ts";
import type { Span } from "./text.ts";
import { range, weighted, weightedEntry } from "./weights.ts";

/** One router's file. */
export interface PeerFile {
  file: string;
  placed: Placed;
}

/** One instance and its file's name, as messages have it. */
interface Side {
  placed: PlacedInstance;
  config: InstanceConfig;
  file: string;
}

/**
 * Warnings about the second file as a peer of the first. Files without a virtual router in common are no peers:
 * nothing is said. `only`: these two are all, so a virtual router of one file alone is worth a warning.
 */
export function comparePeers(first: PeerFile, second: PeerFile, only: boolean): Diagnostic[] {
  const names = shortNames(first.file, second.file);
  const side = (placed: PlacedInstance, file: string): Side => ({ placed, config: placed.instance, file });
  const report = new Report(second.file);
  const ours = first.placed.instances.map((each) => side(each, names[0]));
  const theirs = second.placed.instances.map((each) => side(each, names[1]));
  const pairs = match(ours, theirs, only);
  if (pairs.length === 0) return [];
  const { routerId } = first.placed.global;
  const globals = second.placed.globals;
  if (globals.has("router_id") && second.placed.global.routerId === routerId) {
    const what = `router_id ${routerId} is that of ${names[0]} too, so logs and mails do not tell them apart`;
    report.warning(globals.span("router_id"), `${what}; write another one`);
  }
  for (const [a, b] of pairs) compare(report, a, b);
  if (only) {
    for (const [all, at, other] of [[ours, 0, names[1]], [theirs, 1, names[0]]] as const) {
      const paired = new Set(pairs.map((pair) => pair[at]));
      for (const each of all.filter((candidate) => !paired.has(candidate))) {
        const what =
          `no vrrp_instance of ${other} has virtual_router_id ${each.config.vrid} of ${each.config.name}`;
        report.warning(each.placed.vrid, `${what}, so nobody there takes over; add it there`);
      }
    }
  }
  return report.diagnostics();
}

/** The files by their names alone where those differ. */
function shortNames(first: string, second: string): [string, string] {
  return basename(first) === basename(second) ? [first, second] : [basename(first), basename(second)];
}

/**
 * Which instances are meant to be one virtual router: by VRID and addresses, VRID and name, addresses, and where
 * there are `only` two files by VRID alone.
 */
function match(ours: readonly Side[], theirs: readonly Side[], only: boolean): [Side, Side][] {
  const pairs: [Side, Side][] = [];
  const left = new Set(theirs);
  const waiting = new Set(ours);
  const sameRouter = (a: InstanceConfig, b: InstanceConfig) => a.vrid === b.vrid && a.family === b.family;
  const shareAddress = (a: InstanceConfig, b: InstanceConfig) =>
    addresses(a).some((address) => addresses(b).includes(address));
  const likenesses: ((a: InstanceConfig, b: InstanceConfig) => boolean)[] = [
    (a, b) => sameRouter(a, b) && shareAddress(a, b),
    (a, b) => sameRouter(a, b) && a.name === b.name,
    shareAddress,
    (a, b) => only && sameRouter(a, b),
  ];
  for (const alike of likenesses) {
    for (const a of waiting) {
      const b = [...left].find((candidate) => alike(a.config, candidate.config));
      if (b === undefined) continue;
      pairs.push([a, b]);
      left.delete(b);
      waiting.delete(a);
    }
  }
  return pairs;
}

function compare(report: Report, a: Side, b: Side): void {
  const { settings, name, vrid } = b.placed;
  const at = (keyword: string): Span => settings.span(keyword) ?? name;
  const both = a.config.name === b.config.name ? `vrrp_instance ${b.config.name}` : `${b.config.name}`;
  const here = (what: string) => `${what} of ${both}`;
  const there = (what: string | number) => `${what} in ${a.file}`;
  const deaf = "so neither uses the other's adverts and both become Master";
  if (a.config.vrid !== b.config.vrid) {
    const what = `${here(`virtual_router_id ${b.config.vrid}`)} is ${there(a.config.vrid)}`;
    return report.warning(vrid, `${what}, ${deaf}; write the same number in both`);
  }
  if (a.config.version !== b.config.version) {
    const what = `${here(`version ${b.config.version}`)} is ${there(a.config.version)}`;
    return report.warning(at("version"), `${what}, ${deaf}; write the same version in both`);
  }
  const [oneS, otherS] = [b.config.advertIntervalUs / 1e6, a.config.advertIntervalUs / 1e6];
  if (b.config.version === 2 && oneS !== otherS) {
    const what = `${here(`advert_int ${oneS}`)} is ${there(otherS)}`;
    report.warning(at("advert_int"), `${what}, ${deaf}; version 2 wants the same in both`);
  }
  if (!Bun.deepEquals(a.config.authentication, b.config.authentication)) {
    const what = `${here("the authentication")} is another one in ${a.file}`;
    report.warning(
      settings.keywordSpan("authentication") ?? name,
      `${what}, ${deaf}; write the same auth_type and auth_pass in both`,
    );
  }
  compareAddresses(report, a, b, here);
  compareSending(report, a, b, here, deaf);
  compareElection(report, a, b, here);
  for (const [one, other] of [[a, b], [b, a]] as const) compareWeights(report, one, other);
}

function compareAddresses(report: Report, a: Side, b: Side, here: (what: string) => string): void {
  const [one, other] = [addresses(b.config), addresses(a.config)];
  const [more] = one.filter((address) => !other.includes(address));
  const [less] = other.filter((address) => !one.includes(address));
  const { settings, name, listed } = b.placed;
  const block = settings.keywordSpan("virtual_ipaddress") ?? name;
  const why = "so they answer for different addresses and may refuse each other's adverts";
  if (more !== undefined) {
    const place = listed.find(({ value }) => value.address === more)?.word.span ?? block;
    report.warning(
      place,
      `${here(`the address ${more}`)} is missing in ${a.file}, ${why}; list the same in both`,
    );
  }
  if (less !== undefined) {
    report.warning(
      block,
      `${here(`the address ${less}`)} is in ${a.file} only, ${why}; list the same in both`,
    );
  }
  for (const { value, word } of listed) {
    const twin = a.config.addresses.find(({ address }) => address === value.address);
    if (twin === undefined || twin.prefixLength === value.prefixLength) continue;
    const what = `${here(`${value.address}/${value.prefixLength}`)} is /${twin.prefixLength} in ${a.file}`;
    report.warning(
      word.span,
      `${what}, so a failover changes the route to its network; write the same in both`,
    );
  }
}

function compareSending(
  report: Report,
  a: Side,
  b: Side,
  here: (what: string) => string,
  deaf: string,
): void {
  const { settings, name } = b.placed;
  const peers = settings.keywordSpan("unicast_peer") ?? name;
  const [one, other] = [b.config, a.config];
  if ((one.unicastPeers.length > 0) !== (other.unicastPeers.length > 0)) {
    const [mine, its] = one.unicastPeers.length > 0 ? ["unicast", "multicast"] : ["multicast", "unicast"];
    report.warning(peers, `${here(mine)} meets ${its} in ${a.file}, ${deaf}; use the same in both`);
    return;
  }
  if (one.unicastPeers.length === 0) {
    if (one.multicastGroup !== other.multicastGroup) {
      const what = `${here(`the group ${one.multicastGroup}`)} is ${other.multicastGroup} in ${a.file}`;
      report.warning(settings.span("mcast_dst_ip") ?? name, `${what}, ${deaf}; use the same in both`);
    }
    return;
  }
  const [mine, its] = [one.sourceAddress, other.sourceAddress];
  if (its !== null && !one.unicastPeers.includes(its)) {
    const what = `${here("unicast_peer")} lacks ${its}, the unicast_src_ip of ${a.file}`;
    report.warning(peers, `${what}, so it sends that router no adverts; add it`);
  }
  if (mine !== null && !other.unicastPeers.includes(mine)) {
    const what = `${mine}, ${here("unicast_src_ip")}, is not among the unicast_peer of ${a.file}`;
    report.warning(
      settings.span("unicast_src_ip") ?? peers,
      `${what}, so that router sends it no adverts; add it there`,
    );
  }
  if (mine === null || its === null) return;
  const group = (config: InstanceConfig, own: string) => new Set([...config.unicastPeers, own]);
  const members = [group(one, mine), group(other, its)] as const;
  const odd = [...members[0].symmetricDifference(members[1])].find((each) => each !== mine && each !== its);
  if (odd !== undefined) {
    const where = members[0].has(odd) ? `not in ${a.file}` : `in ${a.file} only`;
    const what = `${here(`the unicast peer ${odd}`)} is ${where}`;
    report.warning(
      peers,
      `${what}, so the routers do not all hear each other; list every other router in each`,
    );
  }
}

function compareElection(report: Report, a: Side, b: Side, here: (what: string) => string): void {
  const { settings, name } = b.placed;
  const at = (keyword: string): Span => settings.span(keyword) ?? name;
  const [one, other] = [b.config, a.config];
  if (one.priority === other.priority) {
    const what = `${here(`priority ${one.priority}`)} is the same in ${a.file}`;
    report.warning(at("priority"), `${what}, so the higher IP address decides; give one of them a lower one`);
    return;
  }
  const [high, low] = one.priority > other.priority ? [b, a] : [a, b];
  if (low.config.initialState === "MASTER") {
    const what = `state MASTER of ${low.config.name} stands with priority ${low.config.priority}`;
    const loses =
      `below ${high.config.priority} in ${high.file}, so it is Master for a moment at its start only`;
    report.warning(
      low.placed.settings.span("state") ?? low.placed.name,
      `${what}, ${loses}; write state BACKUP`,
    );
  }
  if (!low.config.preempt && high.config.preempt) {
    const what =
      `nopreempt of ${low.config.name} has no effect: ${high.file} has the higher priority and preempts`;
    report.warning(
      low.placed.settings.keywordSpan("nopreempt") ?? low.placed.name,
      `${what}; write it in the other file as well`,
    );
  }
}

/** Whether what `one` tracks can make the other Master, if `one` is the preferred one. */
function compareWeights(report: Report, one: Side, other: Side): void {
  const trackers = weighted(one.config);
  // That of an owner and that under nopreempt is told without the other file.
  if (trackers.length === 0 || one.config.priority === 255 || !one.config.preempt) return;
  const mine = range(one.config.priority, trackers);
  const its = range(other.config.priority, weighted(other.config));
  if (mine.best < its.best || mine.worst < its.best) return;
  const { span, name } = weightedEntry(one.placed);
  const what = `${name} can never cause a failover of vrrp_instance ${one.config.name}`;
  const why =
    `with everything failed its priority is still ${mine.worst}, and ${other.file} has ${its.best} at most`;
  report.warning(
    span,
    `${what}: ${why}; use a weight below -${mine.best - its.best}, or bring the priorities nearer together`,
  );
}

function addresses({ addresses: list }: InstanceConfig): string[] {
  return list.map(({ address }) => address);
}
