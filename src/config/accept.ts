// accept and no_accept: whether a Master that does not own its addresses answers for them (RFC 9568 section 6.1, Accept_Mode).
import type { Settings } from "./settings.ts";

/** What the instance says itself: the later of accept and no_accept; undefined = nothing. */
export function readAccept(settings: Settings): boolean | undefined {
  if (!settings.has("accept") && !settings.has("no_accept")) return undefined;
  const values = { accept: settings.boolean("accept"), no_accept: settings.boolean("no_accept") };
  const last = settings.order.findLast((name) => name === "accept" || name === "no_accept");
  if (last !== "accept" && last !== "no_accept") return undefined;
  return values[last] === undefined ? undefined : values[last] === (last === "accept");
}
