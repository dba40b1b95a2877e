// The forms in which one virtual router can be run: version, family, multicast or unicast.
import { instance, NAME, VIP, VIP6, VIP6_LINK } from "./conf.ts";
import type { Node } from "./node.ts";

export interface Shape {
  title: string;
  version: 2 | 3;
  family: "ipv4" | "ipv6";
  unicast: boolean;
  /** advert_int, in seconds. */
  interval: number;
  /** Its addresses as the file has them. */
  addresses: string[];
  /** One of them, as a client would use it. */
  vip: string;
}

const IPV4 = { family: "ipv4", addresses: [`${VIP}/24`], vip: VIP } as const;
const IPV6 = { family: "ipv6", addresses: [`${VIP6_LINK}/64`, `${VIP6}/64`], vip: VIP6 } as const;

/** The six forms; version 3 runs at `interval` seconds. */
export function shapes(interval: number): Shape[] {
  const all = [false, true].flatMap((unicast) => [
    { version: 2, unicast, interval: 1, ...IPV4 } as const,
    { version: 3, unicast, interval, ...IPV4 } as const,
    { version: 3, unicast, interval, ...IPV6 } as const,
  ]);
  return all.map((s) => ({
    ...s,
    addresses: [...s.addresses],
    title: `v${s.version} ${s.family === "ipv4" ? "IPv4" : "IPv6"} ${s.unicast ? "unicast" : "multicast"}`,
  }));
}

/** The configuration of one router of a pair. */
export function routerText(
  shape: Shape,
  node: Node,
  peer: Node,
  more: { priority: number; lines?: string[]; name?: string },
): string {
  return instance({
    name: more.name ?? NAME,
    version: shape.version,
    interval: shape.interval,
    priority: more.priority,
    addresses: shape.addresses,
    lines: [...(shape.unicast ? unicastLines(shape, node, peer) : []), ...(more.lines ?? [])],
  });
}

function unicastLines(shape: Shape, node: Node, peer: Node): string[] {
  const address = (n: Node) => shape.family === "ipv4" ? n.address : n.global;
  return [`unicast_src_ip ${address(node)}`, "unicast_peer {", `  ${address(peer)}`, "}"];
}
