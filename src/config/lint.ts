// Checks across keywords and blocks: what each line allows but all of them together do not.
import { bad, type Context } from "./context.ts";
import { isLinkLocal, parseAddress } from "../vrrp/address.ts";
import type { PlacedAddress } from "./addresses.ts";
import type { PlacedInstance } from "./placed.ts";
import type { InstanceConfig } from "./model.ts";
import type { PlacedScript } from "./scripts.ts";
import { carrierOf } from "./vmac.ts";

/** Addresses that fit the count field (one byte) and an Ethernet MTU of 1500 bytes. */
const MOST_ADDRESSES = {
  ipv4: 255,
  // 1500 - 40 (IPv6 header) - 8 (VRRP header) = 90 addresses of 16 bytes (RFC 9568 section 5.2).
  ipv6: 90,
};

/** Checks one instance and drops what cannot work, before strict mode does. */
export function checkInstance(
  context: Context,
  placed: PlacedInstance,
  listed: readonly PlacedAddress[],
): void {
  const { instance, settings } = placed;
  const shown = `vrrp_instance ${instance.name}`;
  checkAddresses(context, placed, listed);
  const at = (keyword: string) => settings.keywordSpan(keyword) ?? placed.name;
  if (!instance.preempt && instance.priority === 255) {
    instance.preempt = true;
    bad(
      context,
      at("nopreempt"),
      `nopreempt of ${shown} cannot work with priority 255`,
      "it is ignored",
      "delete it",
    );
  }
  if (
    instance.authentication?.type === "AH" && instance.initialState === "MASTER" && instance.priority !== 255
  ) {
    instance.initialState = "BACKUP";
    const what = `state MASTER of ${shown} cannot work with auth_type AH`;
    bad(context, at("state"), what, "BACKUP is used", "write state BACKUP");
  }
  if (!instance.preempt && instance.initialState === "MASTER") {
    instance.preempt = true;
    const what = `nopreempt of ${shown} cannot work with state MASTER`;
    bad(context, at("nopreempt"), what, "it is ignored", "write state BACKUP");
  }
  if (instance.preemptDelayUs > 0 && (instance.initialState === "MASTER" || !instance.preempt)) {
    instance.preemptDelayUs = 0;
    const with_ = instance.preempt ? "state MASTER" : "nopreempt";
    const what = `preempt_delay of ${shown} cannot work with ${with_}`;
    bad(
      context,
      at("preempt_delay"),
      what,
      "it is ignored",
      instance.preempt ? "write state BACKUP" : "delete one",
    );
  }
}

function checkAddresses(context: Context, placed: PlacedInstance, listed: readonly PlacedAddress[]): void {
  const { instance, settings } = placed;
  const { report } = context;
  const { addresses, family, version, name } = instance;
  const shown = `vrrp_instance ${name}`;
  if (addresses.length === 0) {
    const span = settings.keywordSpan("virtual_ipaddress") ?? placed.name;
    const allowed = settings.boolean("no_virtual_ipaddress") === true && !instance.strict;
    const cure = "add one to virtual_ipaddress";
    if (!allowed && (version === 3 || instance.strict)) {
      const why = instance.strict ? "strict mode" : "version 3";
      report.error(span, `${shown} has no virtual address, which ${why} needs; ${cure}`);
    } else if (!allowed) {
      report.warning(span, `${shown} has no virtual address, so it protects nothing; ${cure}`);
    }
    return;
  }
  const [first] = addresses;
  const placeOf = (address: string) =>
    listed.find(({ value }) => value.address === address)?.word.span ?? placed.name;
  const bytes = family === "ipv6" ? parseAddress(first?.address ?? "") : null;
  if (first !== undefined && bytes !== null && !isLinkLocal(bytes, 0, 16)) {
    const what = `the first IPv6 address of ${shown} is not link-local, as RFC 9568 section 5.2.9 wants it`;
    report.warning(
      placeOf(first.address),
      `${what}, so some routers may refuse the adverts; put an fe80:: address first`,
    );
  }
  const most = MOST_ADDRESSES[family];
  if (addresses.length > most) {
    const rest = addresses.splice(most);
    const span = placeOf(rest[0]?.address ?? "");
    const what = `an advert holds ${most} addresses at most`;
    const moved = `the last ${rest.length} of ${shown} count as virtual_ipaddress_excluded`;
    report.warning(span, `${what}, so ${moved}; move them there or to another instance`);
    instance.excludedAddresses = [...rest, ...instance.excludedAddresses];
  }
}

/** Checks the instances against each other: only those of one VRID on one link can clash. */
export function checkInstances(context: Context, instances: readonly PlacedInstance[]): void {
  const alike = new Map<string, PlacedInstance[]>();
  for (const placed of instances) {
    const { vrid, family, interface: name } = placed.instance;
    const device = carrierOf(placed.instance, name);
    const key = `${vrid} ${family} ${device}`;
    const earlier = alike.get(key);
    if (earlier === undefined) alike.set(key, [placed]);
    else {
      for (const other of earlier) checkPair(context, placed, other);
      earlier.push(placed);
    }
  }
}

function checkPair({ report }: Context, placed: PlacedInstance, earlier: PlacedInstance): void {
  const { instance, vrid } = placed;
  const { instance: other } = earlier;
  const { family } = instance;
  const device = carrierOf(instance, instance.interface);
  const version = family === "ipv4" ? "IPv4" : "IPv6";
  const both =
    `${other.name} and ${instance.name} both use VRID ${instance.vrid} with ${version} on ${device}`;
  if (instance.unicastPeers.length === 0 && other.unicastPeers.length === 0) {
    if (instance.multicastGroup !== other.multicastGroup) return;
    report.error(vrid, `${both}; give one of them another virtual_router_id`);
  } else if (sharedPeer(instance, other) !== undefined) {
    const peer = sharedPeer(instance, other);
    report.warning(
      vrid,
      `${both} and speak to ${peer}, so their adverts mix; give one another virtual_router_id`,
    );
  }
}

function sharedPeer(a: InstanceConfig, b: InstanceConfig): string | undefined {
  return a.unicastPeers.find((peer) => b.unicastPeers.includes(peer));
}

/** The scripts that an instance tracks; the others are reported. */
export function usedScripts(
  { report }: Context,
  scripts: ReadonlyMap<string, PlacedScript>,
  instances: readonly PlacedInstance[],
): PlacedScript[] {
  const used = new Set<string>();
  for (const { instance } of instances) for (const { script } of instance.trackScripts) used.add(script);
  return [...scripts.values()].filter(({ script, span }) => {
    if (used.has(script.name)) return true;
    const what = `no vrrp_instance tracks vrrp_script ${script.name}, so it never runs`;
    report.warning(span, `${what}; add it to a track_script block or delete it`);
    return false;
  });
}
