// The engine's parts, made and wired: who tells whom.
import { monotonicUs } from "../../native/clock.ts";
import { AsideClient } from "../../native/netlink/aside.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { openFrameSocket } from "../../native/socket.ts";
import { type EngineStart, FLAG_BUSY, type FromEngine } from "../messages.ts";
import { Announcer } from "./announce.ts";
import { BfdLinks } from "./bfd.ts";
import { RouterEffects } from "./effects.ts";
import { Firewall } from "./firewall.ts";
import { Groups } from "./groups.ts";
import type { Holding } from "./holding.ts";
import { Holdings } from "./holdings.ts";
import type { Instance } from "./instance.ts";
import { Links } from "./links.ts";
import { TOKEN_ASIDE, TOKEN_FIRST_BFD } from "./loop.ts";
import type { Parts } from "./parts.ts";
import { holdingMessage, Roster } from "./roster.ts";
import { Routes } from "./routes.ts";
import type { Statics } from "./statics.ts";
import { Sysctls } from "./sysctls.ts";
import { RESTORE, TIMER_KINDS, TimerQueue } from "./timers.ts";
import { type Receiver, Transport } from "./transport.ts";
import { Vmacs } from "./vmacs.ts";

/** What the parts need of the engine. */
export interface Frame {
  receiver: Receiver;
  post(message: FromEngine): void;
  /** Registers a socket with the poller under `token`, and takes it out again. */
  watch(fd: number, token: number): void;
  unwatch(fd: number): void;
  /** A BFD packet that belongs to no session. */
  unmatched(): void;
  /** The instance has left for good. */
  left(instance: Instance): void;
  /** Made after the parts, of them. */
  statics(): Statics;
}

/** Makes all parts of an engine; none of them does anything before it is told to. */
export function assemble(start: EngineStart, frame: Frame): Parts {
  const { post } = frame;
  const flags = new Int32Array(start.flags);
  const log: Parts["log"] = (level, id, text) => post({ type: "log", level, id, text });
  const busy = () => Atomics.load(flags, FLAG_BUSY) === 1;
  const client = new RouteClient();
  const links = new Links();
  const timers = new TimerQueue();
  const roster = new Roster(timers);
  const groups = new Groups(roster, post);
  // One for both: each takes the kernel a dozen milliseconds to close.
  const frameFd = openFrameSocket();
  const transport = new Transport(frame.receiver, frameFd);
  const announcer = new Announcer(frameFd);
  const firewall = new Firewall({ post, log }, start.keep);
  const lost = ({ index }: Instance) => timers.set(index * TIMER_KINDS + RESTORE, monotonicUs());
  const vmacs = new Vmacs({ client, links, post, busy, lost });
  const ofOwner = (holding: Holding, act: (instance: Instance) => void) => {
    const instance = roster.claims.owner(holding);
    if (instance !== undefined) act(instance);
  };
  const taking = (instance: Instance) => vmacs.up(instance);
  const leaving = (instance: Instance) => vmacs.mute(instance);
  const changed = (instance: Instance) => {
    if (!instance.holding.wanted) vmacs.down(instance);
    post(holdingMessage(instance));
  };
  const aside = AsideClient.open();
  const holdings = new Holdings({
    client,
    links,
    firewall,
    takesOver: start.releaseForeign,
    aside,
    watch: (fd) => frame.watch(fd, TOKEN_ASIDE),
    unwatch: (fd) => frame.unwatch(fd),
  }, {
    taking: (holding) => ofOwner(holding, taking),
    leaving: (holding) => ofOwner(holding, leaving),
    changed: (holding) => {
      ofOwner(holding, changed);
      if (frame.statics().owns(holding)) frame.statics().settled();
    },
    claimed: (holding, i) => roster.claimed(holding, i),
    refused: (holding, text) => log("error", roster.claims.owner(holding)?.id ?? null, text),
  });
  const routes = new Routes(client, links, { post, log, tried: (set) => frame.statics().tried(set) });
  const bfd = new BfdLinks({
    watch: (fd, token) => frame.watch(fd, token),
    unwatch: (fd) => frame.unwatch(fd),
    post,
    log: (level, text) => log(level, null, text),
    unmatched: () => frame.unmatched(),
  }, TOKEN_FIRST_BFD);
  const effects = new RouterEffects({
    transport,
    holdings,
    routes,
    announcer,
    timers,
    instance: (id) => roster.get(id)!,
    post,
    busy: () => aside === null && busy(),
    left: (instance) => frame.left(instance),
  });
  const sysctls = new Sysctls((text) => log("warning", null, text));
  return {
    client,
    links,
    timers,
    roster,
    groups,
    transport,
    holdings,
    firewall,
    routes,
    announcer,
    bfd,
    effects,
    vmacs,
    sysctls,
    post,
    log,
  };
}
