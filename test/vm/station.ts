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
