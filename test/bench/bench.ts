// The bench: the same work with baton and keepalived in one run, in network namespaces, with kernel timestamps.
import { copyFileSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { killAll } from "./children.ts";
import { baton, frr, keepalived, versionOf } from "./daemons.ts";
import { machine } from "./machine.ts";
import type { Row } from "./row.ts";
import { CAPACITY_ROWS } from "./rows/capacity.ts";
import { CPU_ROWS } from "./rows/cpu.ts";
import { FLEET_START_ROWS } from "./rows/fleet_start.ts";
import { GROWTH_ROWS } from "./rows/growth.ts";
import { HTTP_ROWS } from "./rows/http.ts";
import { JITTER_ROWS } from "./rows/jitter.ts";
import { LOAD_ROWS } from "./rows/load.ts";
import { PING_ROWS } from "./rows/pings.ts";
import { START_ROWS } from "./rows/start.ts";
import { STOP_ROWS } from "./rows/stop.ts";
import { TAKEOVER_ROWS } from "./rows/takeover.ts";
import { THOUSAND_ROWS } from "./rows/thousand.ts";
import { type RowResult, runRow } from "./run.ts";
import { removeScratch, scratchDirectory } from "./scratch.ts";
import { selfTest } from "./wrong_daemons.ts";
import { heading, rowText } from "./table.ts";

const ROWS: readonly Row[] = [
  ...TAKEOVER_ROWS,
  ...PING_ROWS,
  ...STOP_ROWS,
  ...THOUSAND_ROWS,
  ...JITTER_ROWS,
  ...HTTP_ROWS,
  ...START_ROWS,
  ...FLEET_START_ROWS,
  ...LOAD_ROWS,
  ...CPU_ROWS,
  ...CAPACITY_ROWS,
  ...GROWTH_ROWS,
];

const HELP = `npm run bench [-- OPTIONS] [ROW...]: measures baton beside keepalived; needs root

  ROW           only rows whose name contains one of these words: ${ROWS.map((r) => r.name).join(", ")}
  --quick       the short form, a few minutes in all: shows that it works, not how well
  --json        the results as JSON on stdout
  --rounds N    another number of rounds for each row
  --after S     rows of the processor: S seconds after the start instead of 35 (the runtime compiles what runs often)
  --baton PATH  another binary than dist/baton
  --list        print the rows
  --self-test   (these rows or all) measures daemons that are wrong on purpose and fails unless the figures name them`;

/** sysexits.h: EX_USAGE, EX_UNAVAILABLE. */
const EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69;

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        rounds: { type: "string" },
        after: { type: "string" },
        baton: { type: "string", default: "dist/baton" },
        list: { type: "boolean", default: false },
        "self-test": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return refuse(EXIT_USAGE, `${error instanceof Error ? error.message : error}: see --help`);
  }
}

function refuse(code: number, text: string): never {
  process.stderr.write(`bench: ${text}\n`);
  process.exit(code);
}

/** The rows that were asked for, with the number of rounds that was asked for. */
function chosenRows(words: readonly string[], rounds: string | undefined): Row[] {
  const rows = ROWS.filter((row) => words.length === 0 || words.some((word) => row.name.includes(word)));
  if (rows.length === 0) refuse(EXIT_USAGE, `no row is called ${words.join(" or ")}: see --list`);
  if (rounds === undefined) return rows;
  const count = Number(rounds);
  if (!Number.isInteger(count) || count < 1) {
    refuse(EXIT_USAGE, `--rounds ${rounds} is not a whole number from 1`);
  }
  return rows.map((row) => ({ ...row, rounds: { quick: count, full: count } }));
}

/** The rows as they are so many seconds after the start, where that was asked for. */
function rowsAfter(rows: readonly Row[], seconds: string | undefined): readonly Row[] {
  if (seconds === undefined) return rows;
  const settleS = Number(seconds);
  if (!(settleS >= 1)) refuse(EXIT_USAGE, `--after ${seconds} is not a number of seconds from 1`);
  return rows.map((row) => {
    const later = row.after?.(settleS);
    if (later === undefined) {
      refuse(EXIT_USAGE, `--after says nothing about ${row.name}: name rows of the processor`);
    }
    return { ...later, rounds: row.rounds };
  });
}

/** Nothing may be left behind, however the bench ends: processes die here, namespaces with the descriptors. */
function cleanUpAtEnd(): void {
  process.on("exit", () => {
    killAll();
    removeScratch();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(130));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = options();
  if (values.help) return void process.stdout.write(HELP + "\n");
  if (values.list) {
    return void process.stdout.write(ROWS.map((row) => `${row.name.padEnd(16)}${row.title}\n`).join(""));
  }
  if (process.getuid?.() !== 0) refuse(EXIT_UNAVAILABLE, "network namespaces need root: run it as root");
  cleanUpAtEnd();
  const progress = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  };
  if (values["self-test"]) process.exit(await selfTest(ROWS, positionals, progress));
  const form = values.quick ? "quick" : "full";
  const chosen = chosenRows(positionals, values.rounds).filter((row) => row.rounds[form] > 0);
  const rows = rowsAfter(chosen, values.after);
  const binary = resolve(values.baton);
  if (!existsSync(binary)) refuse(EXIT_UNAVAILABLE, `${binary} does not exist: build it with npm run build`);
  // A copy: a build meanwhile must not change what is measured.
  const copy = join(scratchDirectory(), "baton");
  copyFileSync(binary, copy);
  // As after a boot: of a file that was just written more pages are mapped at each fault, and count as resident.
  Bun.spawnSync(["dd", `of=${copy}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0"], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const kinds = [baton(copy), keepalived(), frr()];
  const names = kinds.map((kind) => kind.name);
  const about = {
    date: new Date().toISOString(),
    machine: machine(),
    versions: kinds.map(versionOf),
    form,
    command: ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(
      " ",
    ),
  };
  if (!values.json) {
    const lines = [
      `${about.date}  ${about.machine}`,
      `${about.versions.filter((v) => v !== "").join("  ")}  (${form} form)`,
    ];
    process.stdout.write(`${lines.join("\n")}\n\n${heading(names)}\n`);
  }
  const results: RowResult[] = [];
  for (const row of rows) {
    const result = await runRow(row, kinds, form, progress);
    progress("");
    results.push(result);
    if (!values.json) process.stdout.write(rowText(result, names) + "\n");
  }
  if (values.json) {
    process.stdout.write(JSON.stringify({ ...about, daemons: names, rows: results }, null, 2) + "\n");
  }
  process.exit(0);
}

await main();
