// Where the adverts of an instance come from and go to: source address and unicast peers.
import { isLinkLocal, parseAddress } from "../vrrp/address.ts";
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { PeerLimits } from "./fine.ts";
import type { Family } from "./model.ts";
import { limitsAnything, readPeer } from "./peers.ts";
import type { Settings } from "./settings.ts";
import type { Span } from "./text.ts";
import { readAddress } from "./values.ts";

/** The unicast peers of an instance; empty = multicast. */
export function readPeers(
  reading: Decoding,
  settings: Settings,
  family: Family,
  name: string,
): { peers: string[]; peerLimits: PeerLimits[] } {
  const peers: string[] = [];
  const peerLimits: PeerLimits[] = [];
  for (const entry of settings.entries("unicast_peer")) {
    const limits = readPeer(reading, entry, family, name);
    if (limits === undefined) continue;
    const { peer } = limits;
    if (peers.includes(peer)) {
      bad(
        reading,
        entry.words[0].span,
        `the unicast peer ${peer} is listed twice`,
        "the second is ignored",
        "delete one",
      );
    } else {
      peers.push(peer);
      if (limitsAnything(limits)) peerLimits.push(limits);
    }
  }
  const where = settings.keywordSpan("unicast_peer") ?? settings.keywordSpan("unicast_src_ip");
  const fault = settings.boolean("unicast_fault_no_peer") ?? false;
  if (peers.length === 0 && where !== null && fault) {
    const what = `vrrp_instance ${name} has no unicast peer, so unicast_fault_no_peer keeps it at fault`;
    reading.report.warning(where, `${what}; add the other routers to unicast_peer`);
  } else if (peers.length === 0 && where !== null) {
    const what = `vrrp_instance ${name} has no unicast peer`;
    bad(
      reading,
      where,
      what,
      "it uses multicast",
      "add the other routers to unicast_peer, or use mcast_src_ip",
    );
  }
  return { peers, peerLimits };
}

/** mcast_src_ip or unicast_src_ip, whichever counts; null = the address of the interface. */
export function readSource(
  reading: Decoding,
  settings: Settings,
  family: Family,
  name: string,
  unicast: boolean,
): string | null {
  const wanted = unicast ? "unicast_src_ip" : "mcast_src_ip";
  const other = unicast ? "mcast_src_ip" : "unicast_src_ip";
  if (unicast && settings.has(other) && !settings.has(wanted)) {
    const where = settings.keywordSpan(other) as Span;
    bad(
      reading,
      where,
      `${other} means nothing with unicast peers`,
      "it is taken as the source",
      `write ${wanted}`,
    );
  }
  const chosen = settings.has(wanted) ? wanted : other;
  const source = ofInstanceFamily(reading, settings, chosen, family, name);
  const bytes = source === null ? null : parseAddress(source);
  if (source === null || bytes === null) return null;
  if (family === "ipv6" && !unicast && !isLinkLocal(bytes, 0, 16)) {
    const what = `${chosen} ${source} is not link-local, which multicast adverts over IPv6 must come from`;
    reading.report.warning(
      settings.span(chosen),
      `${what}, so peers may drop them; write an address of fe80::/10`,
    );
  }
  return source;
}

/** An address keyword whose family must be that of the instance. */
export function ofInstanceFamily(
  reading: Decoding,
  settings: Settings,
  name: string,
  family: Family,
  instance: string,
): string | null {
  const text = settings.text(name);
  if (text === undefined) return null;
  if (readAddress(text)?.family === family) return text;
  const what = `${name} ${text} is not of the family of vrrp_instance ${instance}`;
  bad(
    reading,
    settings.span(name) as Span,
    what,
    "it is ignored",
    `write an ${family === "ipv4" ? "IPv4" : "IPv6"} address`,
  );
  return null;
}
