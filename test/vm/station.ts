// The test's own station on the segment: asks by ARP who has an address, as a neighbour of the routers would.
import type { Frame, OtherFrame } from "../support/packet.ts";
import type { Filter } from "../support/wire.ts";
import type { Segment } from "./segment.ts";

/** Locally administered; no machine has it. */
const MAC = [0x02, 0, 0, 0, 0, 0x99];
const ADDRESS = [10, 0, 0, 99];
const BROADCAST = [255, 255, 255, 255, 255, 255];
const NOT_KNOWN = [0, 0, 0, 0, 0, 0];
/** EtherType 0x0806; hardware Ethernet, protocol IPv4, the lengths of their addresses (RFC 826). */
const ARP = [0x08, 0x06];
const ETHERNET_IPV4 = [0, 1, 8, 0, 6, 4];
const REQUEST = 1;
const REPLY = 2;

/**
 * Who has an address: the hardware addresses of all that answer, among the live machines whose own addresses are
 * given. Each is asked for its own address behind the question: it takes frames in order, so that after its second
 * answer the first will not come any more.
 */
export async function holders(
  segment: Segment,
  address: string,
  machines: readonly { address: string }[],
): Promise<string[]> {
  const from = segment.mark();
  segment.send(request(address));
  for (const machine of machines) {
    const asked = segment.mark();
    segment.send(request(machine.address));
    await segment.next(replies(machine.address), asked);
  }
  return segment.since(replies(address), from).map(({ bytes }) =>
    [...bytes.subarray(22, 28)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")
  );
}

/** ARP requests from one address for another (RFC 826). */
export function requests(from: string, to: string): Filter<OtherFrame> {
  const [sender, target] = [from, to].map((text) => text.split(".").map(Number).join());
  return {
    title: `ARP request from ${from} for ${to}`,
    matches: ({ kind, bytes: b }: Frame): boolean => {
      const at = (start: number) => b.subarray(start, start + 4).join();
      return kind === "other" && b[12] === 8 && b[13] === 6 && b[21] === 1 && at(28) === sender &&
        at(38) === target;
    },
  } as Filter<OtherFrame>;
}

/** An ICMP echo request (RFC 792) from an address that is not on the segment. */
export function echoRequest(
  { to, toHardware, from }: { to: string; toHardware: string; from: string },
): Uint8Array {
  const icmp = withChecksum([8, 0, 0, 0, 0, 1, 0, 1], 2);
  const ip = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, ...octets(from), ...octets(to)];
  const hardware = toHardware.split(":").map((octet) => parseInt(octet, 16));
  return new Uint8Array([...hardware, ...MAC, 0x08, 0x00, ...withChecksum(ip, 10), ...icmp]);
}

/** Fills in the checksum at `place` (RFC 1071). */
function withChecksum(bytes: number[], place: number): number[] {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return bytes.with(place, (~sum >>> 8) & 0xff).with(place + 1, ~sum & 0xff);
}

function request(address: string): Uint8Array {
  const question = [...MAC, ...ADDRESS, ...NOT_KNOWN, ...octets(address)];
  return new Uint8Array([...BROADCAST, ...MAC, ...ARP, ...ETHERNET_IPV4, 0, REQUEST, ...question]);
}

/** ARP replies to this station that tell of the address. */
function replies(address: string): Filter<OtherFrame> {
  return {
    title: `ARP reply for ${address}`,
    matches: (frame: Frame): frame is OtherFrame => {
      const b = frame.bytes;
      return ARP.every((byte, i) => b[12 + i] === byte) && b[21] === REPLY &&
        MAC.every((byte, i) => b[i] === byte) && octets(address).every((byte, i) => b[28 + i] === byte);
    },
  };
}

function octets(address: string): number[] {
  return address.split(".").map(Number);
}
