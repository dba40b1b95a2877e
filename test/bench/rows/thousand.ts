// Rows: a backup with 1,000 addresses takes over, while another backup listens.
import { announced, type Announcement, type SeenAdvert, takeovers } from "../analyse.ts";
import { BACKUP_PRIORITY, OWNER_PRIORITY, VRID } from "../configuration.ts";
import { type DaemonKind, Router } from "../daemons.ts";
import { INTERFACE, Lab, type Node } from "../lab.ts";
import { START_LIMIT_MS } from "../pair.ts";
import { Announcements, Recorder } from "../recorder.ts";
import type { Figures, FigureSpec, Form, Row } from "../row.ts";
import { AddressWatcher } from "../watcher.ts";

const ADDRESSES = 1000;
/** So many are in the adverts, the rest are excluded from them. */
const ADVERTISED = 20;
const THIRD_PRIORITY = 100;
const SETTLE_MS = 700;
const LIMIT_MS = 8000;
/** Silence is looked for so long after the takeover; both daemons announce again after 5 s. */
const WINDOW_US = 1_500_000;
const MARGIN_MS = 100;

function text(priority: number, intervalUs: number): string {
  const all = Array.from({ length: ADDRESSES }, (_, i) => `        10.200.${i >> 8}.${i & 255}/32\n`);
  return `vrrp_instance bench {
    state ${priority === OWNER_PRIORITY ? "MASTER" : "BACKUP"}
    interface ${INTERFACE}
    virtual_router_id ${VRID}
    version 3
    priority ${priority}
    advert_int ${intervalUs / 1_000_000}
    virtual_ipaddress {
${all.slice(0, ADVERTISED).join("")}    }
    virtual_ipaddress_excluded {
${all.slice(ADVERTISED).join("")}    }
}
`;
}

async function measure(kind: DaemonKind, intervalUs: number): Promise<Figures> {
  using lab = await Lab.take(3);
  const [a, b, c] = lab.nodes as [Node, Node, Node];
  using recorder = new Recorder(b, "both");
  using announcements = new Announcements(b);
  await using master = new Router(kind, a, text(OWNER_PRIORITY, intervalUs));
  await recorder.more("other", 1, START_LIMIT_MS);
  // Each has the machine for itself while it starts.
  await Bun.sleep(SETTLE_MS);
  await using backup = new Router(kind, b, text(BACKUP_PRIORITY, intervalUs));
  await backup.says("Entering BACKUP STATE", START_LIMIT_MS);
  await using third = new Router(kind, c, text(THIRD_PRIORITY, intervalUs));
  await third.says("Entering BACKUP STATE", START_LIMIT_MS);
  await Bun.sleep(SETTLE_MS);
  await using watcher = await AddressWatcher.on(b.namespace, ADDRESSES, LIMIT_MS);
  recorder.drain();
  const calm = recorder.adverts.length;
  await Bun.sleep(SETTLE_MS);
  recorder.drain();
  const settled = recorder.adverts.slice(calm);
  if (settled.some((advert) => advert.outgoing || advert.priority === THIRD_PRIORITY)) {
    throw new Error("a backup spoke before the master had gone: this round counts for nothing");
  }
  const before = recorder.adverts.length;
  master.killNow();
  await recorder.until("the takeover", LIMIT_MS, (all) => all.slice(before).some((one) => one.outgoing));
  const { addresses, lastUs } = await watcher.appeared;
  if (addresses < ADDRESSES) throw new Error(`only ${addresses} of ${ADDRESSES} addresses appeared`);
  await Bun.sleep(WINDOW_US / 1000 + MARGIN_MS);
  for (const log of [recorder, announcements]) {
    log.drain();
    log.assertComplete();
  }
  return figures(recorder.adverts.slice(before), announcements.seen, lastUs);
}

function figures(adverts: SeenAdvert[], all: Announcement[], lastUs: number): Figures {
  const from = adverts.findIndex((advert) => advert.outgoing);
  const firstUs = adverts[from]!.timeUs;
  const within = ({ timeUs }: { timeUs: number }) => timeUs >= firstUs && timeUs < firstUs + WINDOW_US;
  const window = adverts.slice(from).filter(within);
  const own = window.filter((advert) => advert.outgoing).map((advert) => advert.timeUs);
  const silences = [...own, firstUs + WINDOW_US].map((time, i) => time - (own[i - 1] ?? firstUs));
  const burst = all.filter(within);
  const { addresses, eachUs, endUs } = announced(burst);
  if (addresses < ADDRESSES) throw new Error(`only ${addresses} of ${ADDRESSES} addresses were announced`);
  return {
    kernel: (lastUs - firstUs) / 1000,
    each: (eachUs - firstUs) / 1000,
    end: (endUs - firstUs) / 1000,
    frames: burst.length,
    silence: Math.max(...silences) / 1000,
    again: takeovers(window, "other"),
  };
}

const FIGURES: readonly FigureSpec[] = [
  { key: "kernel", label: "first advert to last address in the kernel", unit: "ms" },
  { key: "each", label: "... to each announced once", unit: "ms" },
  { key: "end", label: "... to the end of the burst", unit: "ms" },
  { key: "frames", label: "announcements in the burst", unit: "count" },
  { key: "silence", label: "longest silence of the new master", unit: "ms" },
  { key: "again", label: "takeovers from it", unit: "count" },
];

function thousandRow(name: string, title: string, intervalUs: number, rounds: Record<Form, number>): Row {
  return {
    name,
    title: `takeover with 1,000 addresses, a third router listens, ${title}`,
    figures: FIGURES,
    rounds,
    measure: (kind) => measure(kind, intervalUs),
  };
}

export const THOUSAND_ROWS: readonly Row[] = [
  thousandRow("thousand-100ms", "v3, 100 ms", 100_000, { quick: 1, full: 6 }),
  thousandRow("thousand-10ms", "v3, 10 ms", 10_000, { quick: 1, full: 6 }),
];
