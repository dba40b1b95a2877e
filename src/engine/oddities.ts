// keepalived's words for what is odd about an advert that is used all the same.
import { addressLength, compareBytes, formatAddress } from "../vrrp/address.ts";
import type { Advert, Packet } from "../vrrp/advert.ts";
import type { JudgeSettings } from "../vrrp/judge.ts";
import type { Remark } from "../vrrp/remark.ts";

const CENTISECOND_US = 10_000;

/** What keepalived says of it; null: nothing of its own. */
export function oddityPhrase(
  remark: Remark,
  peer: string,
  packet: Packet,
  advert: Advert,
  settings: JudgeSettings,
): string | null {
  switch (remark) {
    case "address_list":
      return listPhrase(peer, packet, advert, settings);
    case "interval": {
      const [ours, theirs] = [settings.advertIntervalUs, advert.intervalUs].map((us) =>
        Math.round(us / CENTISECOND_US)
      );
      return `advertisement interval mismatch with ${peer} ours = ${ours} centi-sec rcv'd=${theirs} centi-sec`;
    }
    case "owner":
      return `CONFIGURATION ERROR: local instance and ${peer} are both configured as address owner, please resolve`;
    default:
      return null;
  }
}

function listPhrase(
  peer: string,
  packet: Packet,
  { count, addressesStart }: Advert,
  { addresses, vrid }: JudgeSettings,
): string | null {
  if (count !== addresses.length) return `expected ${addresses.length} VIPs but received ${count}`;
  const length = addressLength(packet.family);
  const places = Array.from({ length: count }, (_, i) => addressesStart + i * length);
  const missing = addresses.find((ours) =>
    !places.some((place) => compareBytes(packet.bytes, place, ours, 0, length) === 0)
  );
  if (missing === undefined) return null;
  const what = formatAddress(missing, 0, length);
  return `ip address associated with VRID ${vrid} not present in advert from ${peer}: ${what}`;
}
