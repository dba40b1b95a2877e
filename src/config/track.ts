// Entries of track_interface, track_script, track_file, track_process and track_bfd: NAME [weight N [reverse|noreverse]].
import { bad, type Context } from "./context.ts";
import { nearest } from "./suggest.ts";
import type { Word } from "./text.ts";
import type { Statement } from "./tree.ts";
import { parseInteger } from "./values.ts";

/** What an entry says; undefined fields are left to the tracked object. */
export interface TrackEntry {
  name: Word;
  weight: number | undefined;
  reverse: boolean | undefined;
}

/** Reads an entry. Undefined: it is skipped; reported. */
export function readTrackEntry(
  context: Context,
  entry: Statement,
  kind: "interface" | "script" | "file" | "process" | "bfd",
): TrackEntry | undefined {
  const [name, option, value, direction, ...more] = entry.words;
  const found: TrackEntry = { name, weight: undefined, reverse: undefined };
  if (option === undefined) return found;
  const skip = (word: Word, what: string, cure: string, hint?: string) => {
    bad(
      context,
      word.span,
      what,
      name.value === "weight" ? "it is ignored" : `${kind} ${name.value} is not tracked`,
      cure,
      hint,
    );
    return undefined;
  };
  if (name.value === "weight") {
    // Meant for the line above, as in a block of its own.
    return skip(
      name,
      "weight on a line of its own belongs to nothing",
      `write NAME weight ${option.value} on one line`,
    );
  }
  if (option.value !== "weight") {
    const what = `"${option.value}" is not an option of a tracked ${kind}`;
    const cure = kind !== "interface"
      ? `write ${name.value} weight N`
      : "write one name a line, or NAME weight N";
    return skip(option, what, cure, nearest(option.value, ["weight"]));
  }
  if (value === undefined) {
    return skip(option, "weight lacks its number", "write weight and a number from -253 to 253");
  }
  const weight = parseInteger(value.value);
  if (weight === undefined || weight < -254 || weight > 254) {
    const what = `weight "${value.value}" is not a whole number from -253 to 253`;
    const own = kind !== "interface"
      ? `the ${kind}'s own weight is used`
      : "weight 0 is used, and a link that is down means FAULT";
    bad(context, value.span, what, own, "correct it");
  } else if (Math.abs(weight) === 254 && (kind === "interface" || kind === "script" || kind === "bfd")) {
    found.weight = Math.sign(weight) * 253;
    bad(context, value.span, `weight ${weight} is too large`, `${found.weight} is used`, "write -253 to 253");
  } else found.weight = weight;
  if (direction?.value === "reverse") found.reverse = true;
  else if (direction?.value === "noreverse" && kind !== "interface") found.reverse = false;
  else if (direction !== undefined) more.unshift(direction);
  const [extra] = more;
  if (extra !== undefined) {
    const what = `"${extra.value}" is not an option of a weight`;
    const words = kind !== "interface" ? ["reverse", "noreverse"] : ["reverse"];
    bad(context, extra.span, what, "it is ignored", "correct or delete it", nearest(extra.value, words));
  }
  return found;
}
