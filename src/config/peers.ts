// Entries of unicast_peer: a router, and the TTL or hop limit that its adverts may arrive with.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { PeerLimits } from "./fine.ts";
import type { Family } from "./model.ts";
import { nearest } from "./suggest.ts";
import type { Word } from "./text.ts";
import type { Statement } from "./tree.ts";
import { parseInteger, readAddress } from "./values.ts";

/** TTL and hop limit have eight bits (RFC 791 section 3.1, RFC 8200 section 3). */
const MOST_HOPS = 255;

/** Whether limits refuse anything at all. */
export function limitsAnything({ min, max }: PeerLimits): boolean {
  return min > 0 || max < MOST_HOPS;
}

/** Reads one unicast peer. Undefined: it is skipped; reported. */
export function readPeer(
  decoding: Decoding,
  entry: Statement,
  family: Family,
  instance: string,
): PeerLimits | undefined {
  const [word, ...options] = entry.words;
  const [text = "", mask] = word.value.split("/");
  const address = readAddress(text);
  if (address === undefined) {
    const what = `the unicast peer "${word.value}" is not an IP address`;
    bad(decoding, word.span, what, "it is skipped", "write the address of the other router");
    return undefined;
  }
  if (address.family !== family) {
    const what = `the unicast peer ${word.value} is not of the family of vrrp_instance ${instance}`;
    const cure = `write an ${family === "ipv4" ? "IPv4" : "IPv6"} address`;
    bad(decoding, word.span, what, "it is skipped", cure);
    return undefined;
  }
  if (mask !== undefined) {
    bad(decoding, word.span, "a unicast peer has no prefix length", `"/${mask}" is ignored`, "delete it");
  }
  const limits: PeerLimits = { peer: address.address, min: 0, max: MOST_HOPS };
  for (let i = 0; i < options.length; i++) {
    const option = options[i] as Word;
    if (option.value === "min_ttl" || option.value === "max_ttl") {
      const hops = readHops(decoding, option, options[++i]);
      if (hops !== undefined) limits[option.value === "min_ttl" ? "min" : "max"] = hops;
    } else {
      const hint = nearest(option.value, ["min_ttl", "max_ttl"]);
      const what = `a unicast peer has no option "${option.value}"`;
      bad(decoding, option.span, what, "it is ignored", "write one peer a line", hint);
    }
  }
  if (limits.min > limits.max) {
    const what = `min_ttl ${limits.min} of the unicast peer ${word.value} is above its max_ttl ${limits.max}`;
    bad(decoding, word.span, what, "both are ignored", "exchange them");
    return { peer: limits.peer, min: 0, max: MOST_HOPS };
  }
  return limits;
}

function readHops(decoding: Decoding, option: Word, argument: Word | undefined): number | undefined {
  const hops = argument === undefined ? undefined : parseInteger(argument.value);
  if (hops !== undefined && hops >= 0 && hops <= MOST_HOPS) return hops;
  const what = argument === undefined
    ? `${option.value} lacks its value`
    : `${option.value} "${argument.value}" is not a number from 0 to ${MOST_HOPS}`;
  bad(decoding, (argument ?? option).span, what, "it is ignored", "correct it");
  return undefined;
}
