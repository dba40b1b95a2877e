// virtual_server blocks: they have no effect yet, but what keepalived would complain of in them is said.
import type { Report } from "./diagnostic.ts";
import { ignoredLines } from "./ignored.ts";
import { keyword, meantKeyword } from "./keywords.ts";
import type { Keyword } from "./keywords/types.ts";
import { serverValue, wrongGroupEntry, wrongServerName } from "./server_values.ts";
import { type Block, closing, place, type Statement } from "./tree.ts";
import { readAddress } from "./values.ts";

/** The tables that hold the keywords of a block, by the keyword that opens it. */
const TABLES: Record<string, readonly string[]> = {
  virtual_server: ["virtual_server"],
  real_server: ["real_server"],
  HTTP_GET: ["HTTP_GET|SSL_GET", "checker-common"],
  SSL_GET: ["HTTP_GET|SSL_GET", "checker-common"],
  url: ["HTTP_GET/url"],
  TCP_CHECK: ["checker-common"],
  PING_CHECK: ["checker-common"],
  SMTP_CHECK: ["SMTP_CHECK", "checker-common"],
  host: ["checker-common"],
  DNS_CHECK: ["DNS_CHECK", "checker-common"],
  MISC_CHECK: ["MISC_CHECK", "checker-common"],
  UDP_CHECK: ["UDP_CHECK", "checker-common"],
  BFD_CHECK: ["BFD_CHECK"],
  FILE_CHECK: ["FILE_CHECK"],
  SSL: ["SSL"],
};

/** A program needs no connection. */
const NOT_IN_MISC = /^(?:connect_ip|connect_port|connect_timeout|bindto|bind_port|bind_if|fwmark)$/;

/** What a block must have, and what keepalived does without. */
const REQUIRED: Record<string, readonly [keyword: string, without: string]> = {
  HTTP_GET: ["url", "has nothing to ask for"],
  SSL_GET: ["url", "has nothing to ask for"],
  url: ["path", "has no path"],
  MISC_CHECK: ["misc_path", "has no program"],
  BFD_CHECK: ["name", "names no BFD session"],
  FILE_CHECK: ["track_file", "names no file"],
};

/** Schedulers that a flag is for. */
const FLAGS: Record<string, string> = {
  hashed: "sh",
  "sh-port": "sh",
  "sh-fallback": "sh",
  "mh-port": "mh",
  "mh-fallback": "mh",
};

/** Whether this keyword of a virtual server, or of one of its blocks, opens a block. */
export function opensServerBlock(name: string): boolean {
  return Object.hasOwn(TABLES, name);
}

/** A keyword in the block that `opener` opens; undefined: keepalived knows none of that name there. */
export function serverKeyword(opener: string, name: string): Keyword | undefined {
  if (opener === "MISC_CHECK" && NOT_IN_MISC.test(name)) return undefined;
  for (const table of TABLES[opener] ?? []) {
    const row = keyword(table, name);
    if (row !== undefined) return row.meaning.includes("[newer than") ? undefined : row;
  }
  return undefined;
}

/** Warns of what keepalived does not take of a virtual_server, virtual_server_group or SSL block. */
export function checkServers(report: Report, statement: Statement): void {
  const { block, words: [{ value: opener }] } = statement;
  if (opener === "virtual_server_group") return checkGroup(report, statement);
  if (opener === "virtual_server") checkName(report, statement);
  if (block === null || !opensServerBlock(opener)) return;
  checkBlock(report, statement, block);
}

function checkGroup(report: Report, { block, words: [{ span }, name] }: Statement): void {
  let usable = 0;
  for (const entry of block?.statements ?? []) {
    const expected = wrongGroupEntry(entry.words.map(({ value }) => value));
    if (expected === null) {
      usable++;
      continue;
    }
    const shown = entry.words.map(({ value }) => value).join(" ");
    report.warning(place(entry), `"${shown}" is not ${expected}, so keepalived skips it; correct it`);
  }
  if (name === undefined || usable > 0) return;
  const what = `virtual_server_group ${name.value} has no usable entry, so keepalived leaves it out`;
  report.warning(closing(block, span), `${what}; add an address and a port, or fwmark N`);
}

function checkName(report: Report, statement: Statement): void {
  const [{ value: opener }, first, ...more] = statement.words;
  if (first === undefined) {
    if (opener === "real_server") lacks(report, statement, "IP PORT { ... }");
    return;
  }
  const words = [first, ...more].map(({ value }) => value);
  const expected = wrongServerName(opener, words);
  if (expected === null) return;
  const what = `${opener} "${words.slice(0, 2).join(" ")}" is not ${expected}`;
  report.warning(first.span, `${what}, so keepalived skips it; correct it`);
}

function checkBlock(report: Report, owner: Statement, block: Block): void {
  const opener = owner.words[0].value;
  for (const statement of block.statements) {
    const name = statement.words[0].value;
    const row = serverKeyword(opener, name);
    if (row === undefined) {
      unknown(report, statement, opener);
      continue;
    }
    if (name === "real_server" || name === "sorry_server") checkFamily(report, owner, statement);
    if (name === "real_server") checkName(report, statement);
    else checkValue(report, statement, opener, row);
    if (Object.hasOwn(FLAGS, name)) checkFlag(report, block, statement);
    if (!opensServerBlock(name)) {
      if (statement.block !== null) {
        report.warning(
          place(statement),
          `${name} takes no block, so keepalived ignores the {; delete the braces`,
        );
      }
    } else if (statement.block === null) {
      const what = `${name} lacks its braces, so keepalived takes the next lines for it`;
      report.warning(place(statement), `${what}; write ${name} { ... }`);
    } else checkBlock(report, statement, statement.block);
  }
  const required = REQUIRED[opener];
  if (required === undefined || has(block, required[0])) return;
  const what = `${opener} ${required[1]}, so keepalived leaves it out`;
  report.warning(closing(block, place(owner)), `${what}; add ${required[0]}`);
}

function has({ statements }: Block, name: string): boolean {
  return statements.some(({ words: [word], block }) =>
    word.value === name && (name !== "url" || (block !== null && has(block, "path")))
  );
}

function unknown(report: Report, statement: Statement, opener: string): void {
  const name = statement.words[0].value;
  const hint = (TABLES[opener] ?? []).map((table) => meantKeyword(table, name)).find((each) => each);
  const shown = name.length > 60 ? `${name.slice(0, 57)}...` : name;
  const message =
    `"${shown}" is not a keyword in ${opener}, so keepalived ignores the line; correct or delete it`;
  report.warning(place(statement), message, hint);
  if (statement.block !== null) ignoredLines(report, statement, statement.block);
}

function checkValue(report: Report, statement: Statement, opener: string, row: Keyword): void {
  const [{ value: name }, ...words] = statement.words;
  const [first] = words;
  const taken = serverValue(opener, name);
  if (name === "nb_get_retry") report.warning(place(statement), "nb_get_retry is deprecated; write retry");
  if (taken === undefined) return;
  if (first === undefined) {
    if (taken.bare === "ends") lacks(report, statement, row.argument);
    else if (taken.bare === "warns") {
      report.warning(
        place(statement),
        `${name} lacks its value, so keepalived ignores it; write ${name} ${row.argument}`,
      );
    }
    return;
  }
  const expected = taken.wrong(words.map(({ value }) => value));
  if (expected === null) return;
  const shown = words.map(({ value }) => value).join(" ");
  report.warning(
    first.span,
    `${name} "${shown}" is not ${expected}, so keepalived ignores it; correct it`,
  );
}

/** keepalived ends at once. */
function lacks(report: Report, statement: Statement, argument: string): void {
  const { value: name } = statement.words[0];
  report.fatal(place(statement), "argument", `${name} lacks its argument; write ${name} ${argument}`);
}

function checkFlag(report: Report, { statements }: Block, statement: Statement): void {
  const name = statement.words[0].value;
  const at = statements.indexOf(statement);
  const scheduler = statements.slice(0, at)
    .findLast(({ words: [word] }) => /^(?:lb_algo|lvs_sched)$/.test(word.value))?.words[1]?.value;
  if (scheduler === FLAGS[name]) return;
  report.warning(
    place(statement),
    `${name} is for lb_algo ${
      FLAGS[name]
    } alone, so keepalived ignores it; write lb_algo above it, or delete it`,
  );
}

/** A server of another family than the virtual one. */
function checkFamily(report: Report, owner: Statement, statement: Statement): void {
  const virtual = readAddress(owner.words[1]?.value ?? "");
  const real = readAddress(statement.words[1]?.value ?? "");
  if (virtual === undefined || real === undefined || virtual.family === real.family) return;
  const what = `${real.address} is not of the family of ${virtual.address}, so keepalived leaves it out`;
  const end = statement.block === null ? owner : statement;
  report.warning(closing(end.block, place(statement)), `${what}; write servers of one family`);
}
