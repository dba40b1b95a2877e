// garp_group to the model: interfaces that share one limit of their announcements.
import { isInterfaceName } from "./arguments.ts";
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import { warnOfEmpty } from "./empty.ts";
import type { Settings } from "./settings.ts";
import type { Word } from "./text.ts";
import { closing, place } from "./tree.ts";

/** Interfaces that announce one after the other. */
export interface PacingConfig {
  interfaces: string[];
  /** Smallest gap between two gratuitous ARPs on any of them; null = as on each of them. */
  garpIntervalUs: number | null;
  /** The same for unsolicited NAs. */
  gnaIntervalUs: number | null;
}

/** The groups of a file. An interface is in the first that names it; a group without use is left out. */
export function readPacing(decoding: Decoding, settings: Settings): PacingConfig[] {
  const found: PacingConfig[] = [];
  for (const statement of settings.statements("garp_group")) {
    const inner = decodeBlock(decoding, statement.block ?? { statements: [] }, "garp_group", "garp_group");
    const interfaces: string[] = [];
    for (const word of namesOf(inner)) {
      decoding.places.note("interface", word.value, word.span);
      const skip = (what: string, cure: string) => bad(decoding, word.span, what, "it is ignored", cure);
      if (!isInterfaceName(word.value)) {
        skip(`"${word.value}" cannot be the name of an interface`, "write at most 15 characters");
      } else if (
        [interfaces, ...found.map((each) => each.interfaces)].some((all) => all.includes(word.value))
      ) {
        skip(`${word.value} is in a garp_group already`, "delete it in one of them");
      } else interfaces.push(word.value);
    }
    warnOfEmpty(decoding, inner, "interfaces");
    noteAtEnds(decoding, inner);
    const garpIntervalUs = inner.number("garp_interval") || null;
    const gnaIntervalUs = inner.number("gna_interval") || null;
    if (garpIntervalUs === null && gnaIntervalUs === null) {
      const cure = "add garp_interval or gna_interval";
      bad(
        decoding,
        closing(statement.block, place(statement)),
        "garp_group has no interval",
        "it is left out",
        cure,
      );
    } else if (interfaces.length === 0) {
      bad(
        decoding,
        place(statement),
        "garp_group names no interface",
        "it is left out",
        "add interfaces { }",
      );
    } else found.push({ interfaces, garpIntervalUs, gnaIntervalUs });
  }
  return found;
}

function namesOf(settings: Settings): Word[] {
  return [
    ...settings.statements("interface").flatMap(({ words }) => words.slice(1)),
    ...settings.entries("interfaces").flatMap(({ words }) => words),
  ];
}

/** keepalived says at the end of a list which of its interfaces are not there. */
function noteAtEnds({ places }: Decoding, settings: Settings): void {
  for (const { block } of settings.statements("interfaces")) {
    for (const { words } of block?.statements ?? []) {
      for (const { value, span } of words) places.note("interface", value, closing(block, span));
    }
  }
}
