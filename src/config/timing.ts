// advert_int: what each version can put on the wire.
import { bad } from "./context.ts";
import type { Decoding } from "./decoding.ts";
import type { Settings } from "./settings.ts";
import { showTimeUs } from "./values.ts";

const SECOND_US = 1_000_000;
const CENTISECOND_US = 10_000;
/** 12 bits of centiseconds (RFC 9568 section 5.2.7). */
const LONGEST_V3_US = 4095 * CENTISECOND_US;

/** The advert interval in microseconds, rounded to what the version can say. */
export function readInterval(decoding: Decoding, settings: Settings, version: 2 | 3, name: string): number {
  const wanted = settings.number("advert_int") ?? SECOND_US;
  const { syntax } = decoding;
  const step = version === 2 ? SECOND_US : CENTISECOND_US;
  const longest = version === 2 ? 255 * SECOND_US : LONGEST_V3_US;
  const used = Math.min(longest, Math.max(step, Math.round(wanted / step) * step));
  if (used === wanted) return used;
  const where = settings.span("advert_int");
  if (where === null) return used;
  const shown = `advert_int ${showTimeUs(wanted, syntax)} of vrrp_instance ${name}`;
  const instead = `${showTimeUs(used, syntax)} is used`;
  if (wanted > longest) {
    bad(decoding, where, `${shown} is longer than version ${version} can say`, instead, "shorten it");
  } else if (version === 2) {
    bad(
      decoding,
      where,
      `${shown} is not whole seconds, which version 2 needs`,
      instead,
      "round it or use version 3",
    );
  } else bad(decoding, where, `${shown} is not a multiple of 10 ms`, instead, "round it");
  return used;
}
