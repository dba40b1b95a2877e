// The words in which both daemons refuse an advert, from the same wrong neighbour.
import { test } from "bun:test";
import { GLOBAL, instance } from "../support/conf.ts";
import { advert4, Injector } from "../support/craft.ts";
import { Baton, Keepalived } from "../support/daemon.ts";
import { Lab } from "../support/lab.ts";
import { needs } from "../support/peer.ts";
import { keepalivedPhrase } from "../../src/control/phrases.ts";
import type { Refusal } from "../../src/vrrp/refusal.ts";

const HAVE = needs("keepalived", "keepalived");
const STRANGER = "10.0.0.77";
const PASSWORD = ["authentication {", "  auth_type PASS", "  auth_pass secret", "}"];

interface Case {
  refusal: Refusal;
  version: 2 | 3;
  lines: string[];
  frame: Uint8Array;
  /** What was received, and what was expected. */
  numbers?: [number, number];
}

const CASES: Case[] = [
  {
    refusal: "ttl",
    version: 3,
    lines: [],
    frame: advert4({ version: 3, hopLimit: 254 }),
    numbers: [254, 255],
  },
  {
    refusal: "auth_failure",
    version: 2,
    lines: PASSWORD,
    frame: advert4({ authType: 1, password: "other" }),
  },
  { refusal: "interval", version: 2, lines: [], frame: advert4({ interval: 7 }), numbers: [7, 1] },
  { refusal: "length", version: 2, lines: [], frame: advert4({ count: 2 }), numbers: [40, 44] },
  { refusal: "length", version: 2, lines: [], frame: advert4({ length: 28 }), numbers: [48, 40] },
  {
    refusal: "auth_mismatch",
    version: 2,
    lines: PASSWORD,
    frame: advert4({}),
    numbers: [0, 1],
  },
  { refusal: "auth_type", version: 2, lines: PASSWORD, frame: advert4({ authType: 9 }), numbers: [9, 1] },
];

test.concurrent.skipIf(!HAVE).each(CASES)("$refusal $numbers", async (each) => {
  const { refusal, version, lines, frame, numbers: [received, expected] = [] } = each;
  await using lab = await Lab.create({ a: {}, b: {}, x: {} });
  const text = GLOBAL + instance({ version, lines, priority: 100 });
  const daemons = [new Baton(lab.node("a"), text), new Keepalived(lab.node("b"), text)];
  const injector = await Injector.on(lab.node("x"));
  for (const daemon of daemons) await daemon.start().becomes("BACKUP");
  injector.send(frame);
  const mismatch = received === undefined || expected === undefined ? null : { received, expected };
  const phrase = keepalivedPhrase({ refusal, peer: STRANGER, mismatch }, {
    version,
    unicast: false,
  })!;
  // 2.2.7 does not name the sender yet.
  const older = phrase.replace(/ (from|with) \d+(\.\d+){3}/, "");
  const literal = (text: string) => new RegExp(`\\(VI_1\\) ${text.replaceAll(".", "\\.")}`);
  const [ours, theirs] = daemons;
  await Promise.all([ours!.waitFor(literal(phrase)), theirs!.waitFor(literal(older))]);
});
