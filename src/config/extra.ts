// garp_extra_if: how often the other interfaces of an instance's addresses are announced on.
import { bad, type Context } from "./context.ts";
import type { AnnounceConfig } from "./model.ts";
import type { Settings } from "./settings.ts";
import { parseTimeUs } from "./values.ts";

/** A day, keepalived's limit. */
const LONGEST_US = 86_400_000_000;

/** Reads `[all] SECONDS` of a keyword or of its old name; undefined: not given, or unusable and reported. */
export function readExtra(
  context: Context,
  settings: Settings,
  [name, oldName]: readonly [string, string],
): Pick<AnnounceConfig, "extraUs" | "extraAll"> | undefined {
  const old = settings.keywordSpan(oldName);
  if (old !== null) context.report.warning(old, `${oldName} is an old name; write ${name}`);
  const keyword = settings.has(name) ? name : old === null ? null : oldName;
  if (keyword === null) return undefined;
  const [first, ...words] = settings.get(keyword)!.statement.words;
  const extraAll = words[0]?.value === "all";
  const [time, more] = extraAll ? words.slice(1) : words;
  const extraUs = parseTimeUs(time?.value ?? "", context.syntax);
  const whole = context.syntax === "yaml" || /^\d+$/.test(time?.value ?? "");
  if (extraUs === undefined || !whole || extraUs < 0 || extraUs > LONGEST_US) {
    const what = `${keyword} "${time?.value ?? ""}" is not a time from 0 to 86400 s`;
    bad(context, (time ?? first).span, what, "it is ignored", `write ${keyword} [all] SECONDS`);
    return undefined;
  }
  if (extraUs === 0 && context.syntax === "conf" && name.startsWith("vrrp_")) {
    const what = `${keyword} 0 is the default, which keepalived calls invalid`;
    context.report.warning((time ?? first).span, `${what}; delete it`);
  }
  if (more !== undefined) {
    bad(context, more.span, `${keyword} does not take "${more.value}"`, "that is ignored", "delete it");
  }
  return { extraUs, extraAll };
}
