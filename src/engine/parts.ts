// The engine's parts, as they know each other: made once, by engine.ts.
import type { RouteClient } from "../../native/netlink/client.ts";
import type { FromEngine, Level } from "../messages.ts";
import type { Announcer } from "./announce.ts";
import type { BfdLinks } from "./bfd.ts";
import type { RouterEffects } from "./effects.ts";
import type { Firewall } from "./firewall.ts";
import type { Groups } from "./groups.ts";
import type { Holdings } from "./holdings.ts";
import type { Links } from "./links.ts";
import type { Routes } from "./routes.ts";
import type { Roster } from "./roster.ts";
import type { Sysctls } from "./sysctls.ts";
import type { TimerQueue } from "./timers.ts";
import type { Transport } from "./transport.ts";
import type { Vmacs } from "./vmacs.ts";

/** What the engine consists of. */
export interface Parts {
  client: RouteClient;
  links: Links;
  timers: TimerQueue;
  roster: Roster;
  groups: Groups;
  transport: Transport;
  holdings: Holdings;
  firewall: Firewall;
  routes: Routes;
  announcer: Announcer;
  bfd: BfdLinks;
  effects: RouterEffects;
  vmacs: Vmacs;
  sysctls: Sysctls;
  /** Keeps a message for the control thread until the wire has been served. */
  post(message: FromEngine): void;
  /** A line for the log; `id` null: of no instance. */
  log(level: Level, id: number | null, text: string): void;
}
