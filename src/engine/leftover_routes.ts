// Routes and rules that an earlier run left behind when it crashed: found at the start and removed; what they
// replaced is put back.
import { Memory } from "../../native/memory.ts";
import { ERRNO } from "../../native/errno.ts";
import type { RouteClient } from "../../native/netlink/client.ts";
import { routeKey, writeDumped } from "../../native/netlink/route.ts";
import { ROUTE_MARK } from "../config/routing.ts";
import type { KeptRoute } from "../messages.ts";
import type { RouteSet } from "./routeset.ts";

/** A route or rule as the kernel has it now. */
interface Standing {
  kind: "route" | "rule";
  key: string;
  protocol: number;
  message: Uint8Array;
}

/**
 * Removes what an earlier run's state file records and what carries baton's protocol and is configured now
 * (`configured`, built). Returns what was done, a clause each.
 *
 * A route that somebody made since, of the same key but another protocol, stays.
 */
export function removeLeftoverRoutes(
  client: RouteClient,
  recorded: readonly KeptRoute[],
  configured: readonly RouteSet[],
): string[] {
  if (recorded.length === 0 && configured.every((set) => set.length === 0)) return [];
  const done: string[] = [];
  const all = standing(client, recorded);
  const wanted = new Set(configured.flatMap((set) => set.keys));
  for (const found of all) {
    const record = recorded.find((r) =>
      r.kind === found.kind && r.key === found.key && r.protocol === found.protocol
    );
    if (record === undefined && !(found.protocol === ROUTE_MARK && wanted.has(found.key))) continue;
    const name = `${found.kind} ${record === undefined ? found.key : `"${record.text}"`}`;
    const replaced = record?.replaced ?? null;
    if (replaced !== null && send(client, Uint8Array.fromHex(replaced), "replace")) {
      done.push(`${name}, and put back what it replaced`);
    } else if (send(client, found.message, "delete")) done.push(name);
  }
  // One that went with its address or interface has left its place empty.
  for (const record of recorded) {
    const gone = record.replaced !== null &&
      !all.some((found) => found.kind === record.kind && found.key === record.key);
    if (gone && send(client, Uint8Array.fromHex(record.replaced!), "add")) {
      done.push(`nothing, but put back what ${record.kind} "${record.text}" replaced`);
    }
  }
  return done;
}

function standing(client: RouteClient, recorded: readonly KeptRoute[]): Standing[] {
  const protocols = new Set([ROUTE_MARK, ...recorded.map(({ protocol }) => protocol)]);
  const routes = (["ipv4", "ipv6"] as const).flatMap((family) =>
    [...protocols].flatMap((protocol) => client.routes(family, 0, protocol))
  );
  return [
    // Rules first: they lead to the routes.
    ...client.rules().map(({ key, protocol, message }): Standing => ({
      kind: "rule",
      key,
      protocol,
      message,
    })),
    ...routes.map((info): Standing => ({
      kind: "route",
      key: routeKey(info),
      protocol: info.protocol,
      message: info.message,
    })),
  ];
}

function send(client: RouteClient, message: Uint8Array, command: "add" | "replace" | "delete"): boolean {
  const memory = new Memory(message.length + 4);
  const results = new Int32Array(1);
  const end = writeDumped(memory, 0, message, command);
  const sent = client.transact(memory, 0, end, results);
  return sent >= 0 && (results[0] === 0 || (command === "delete" && results[0] === -ERRNO.ESRCH));
}
