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
}

const CASES: Case[] = [
  { refusal: "ttl", version: 3, lines: [], frame: advert4({ version: 3, hopLimit: 254 }) },
  {
    refusal: "auth_failure",
    version: 2,
    lines: PASSWORD,
    frame: advert4({ authType: 1, password: "other" }),
  },
  { refusal: "interval", version: 2, lines: [], frame: advert4({ interval: 7 }) },
];

test.concurrent.skipIf(!HAVE).each(CASES)("$refusal", async ({ refusal, version, lines, frame }) => {
  await using lab = await Lab.create({ a: {}, b: {}, x: {} });
  const text = GLOBAL + instance({ version, lines, priority: 100 });
  const daemons = [new Baton(lab.node("a"), text), new Keepalived(lab.node("b"), text)];
  const injector = await Injector.on(lab.node("x"));
  for (const daemon of daemons) await daemon.start().becomes("BACKUP");
  injector.send(frame);
  const phrase = keepalivedPhrase(refusal, STRANGER, version)!;
  // 2.2.7 does not name the sender yet.
  const older = phrase.replace(/ (from|with) [\d.]+/, "");
  const literal = (text: string) => new RegExp(`\\(VI_1\\) ${text.replaceAll(".", "\\.")}`);
  const [ours, theirs] = daemons;
  await Promise.all([ours!.waitFor(literal(phrase)), theirs!.waitFor(literal(older))]);
});
