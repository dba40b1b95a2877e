// interface_up_down_delays to the model: one interface a line, IFNAME DOWN [UP] in seconds.
import { isInterfaceName } from "./arguments.ts";
import { bad, type Context } from "./context.ts";
import type { InterfaceDelay } from "./model.ts";
import type { Settings } from "./settings.ts";
import { parseTimeUs } from "./values.ts";

const LONGEST_US = 255_000_000;

/** The delays of a file. What cannot be read is reported and left out. */
export function readInterfaceDelays(context: Context, settings: Settings): InterfaceDelay[] {
  const found: InterfaceDelay[] = [];
  const statements = settings.statements("interface_up_down_delays").flatMap((each) =>
    each.block?.statements ?? []
  );
  for (const { words: [name, down, up, extra] } of statements) {
    const skip = (span: typeof name.span, what: string, cure: string) =>
      bad(context, span, what, `${name.value} has no delays`, cure);
    context.places.note("interface", name.value, name.span);
    const times = [down, up].map((word) => word === undefined ? 0 : parseTimeUs(word.value, context.syntax));
    const [downUs, upUs] = times;
    if (!isInterfaceName(name.value)) {
      skip(name.span, `"${name.value}" cannot be the name of an interface`, "write at most 15 characters");
    } else if (down === undefined) {
      skip(name.span, `${name.value} lacks its delays`, `write ${name.value} DOWN UP, in seconds`);
    } else if (
      downUs === undefined || upUs === undefined || Math.min(downUs, upUs) < 0 ||
      Math.max(downUs, upUs) > LONGEST_US
    ) {
      skip(down.span, `the delays of ${name.value} are not times from 0 to 255 seconds`, "correct them");
    } else if (found.some((other) => other.interface === name.value)) {
      bad(context, name.span, `${name.value} is named twice`, "the second is ignored", "delete one");
    } else {
      if (extra !== undefined) {
        const what = `"${extra.value}" is one word too many`;
        bad(context, extra.span, what, "it is ignored", `write ${name.value} DOWN UP`);
      }
      const fine = [down, up].find((word) => /\.\d{7,}/.test(word?.value ?? ""));
      if (fine !== undefined) {
        const what = `${fine.value} is finer than a microsecond`;
        bad(context, fine.span, what, "it is rounded", "write at most six decimals");
      }
      found.push({ interface: name.value, downUs, upUs });
    }
  }
  return found;
}
