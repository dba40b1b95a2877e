// virtual_server blocks: they have no effect yet, but what keepalived would complain of in them is said.
import type { Report } from "./diagnostic.ts";
import { keyword, meantKeyword } from "./keywords.ts";
import { type Block, place, type Statement } from "./tree.ts";
import { parseInteger } from "./values.ts";

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
  BFD_CHECK: ["BFD_CHECK", "checker-common"],
  FILE_CHECK: ["FILE_CHECK", "checker-common"],
};

/** Letters of an MD5 digest in hexadecimal. */
const DIGEST_LENGTH = 32;

/** Warns of the words in a block of a virtual_server that keepalived does not take. */
export function checkServerBlock(report: Report, block: Block, opener: string): void {
  const tables = TABLES[opener] ?? [];
  for (const statement of block.statements) {
    const name = statement.words[0].value;
    const row = tables.map((table) => keyword(table, name)).find((each) => each !== undefined);
    if (row === undefined) {
      const hint = tables.map((table) => meantKeyword(table, name)).find((each) => each !== undefined);
      const shown = name.length > 60 ? `${name.slice(0, 57)}...` : name;
      const message =
        `"${shown}" is not a keyword in ${opener}, so keepalived ignores the line; correct or delete it`;
      report.warning(place(statement), message, hint);
      continue;
    }
    checkValue(report, statement, row.argument);
    if (statement.block !== null && Object.hasOwn(TABLES, name)) {
      checkServerBlock(report, statement.block, name);
    }
  }
}

function checkValue(report: Report, statement: Statement, argument: string): void {
  const [{ value: name }, word] = statement.words;
  if (word === undefined) return;
  const warn = (what: string, cure: string) =>
    report.warning(word.span, `${name} "${word.value}" ${what}, so keepalived ignores it; ${cure}`);
  const range = /^(?:\[SECONDS )?(-?\d+)\.\.(-?\d+)/.exec(argument);
  if (range !== null) {
    const number = parseInteger(word.value);
    const cure = `write a whole number from ${range[1]} to ${range[2]}`;
    if (number === undefined) warn("is not a whole number", cure);
    else if (number < Number(range[1]) || number > Number(range[2])) {
      warn(`is outside ${range[1]}..${range[2]}`, cure);
    }
  } else if (name === "lb_kind" || name === "lvs_method") {
    if (!/^(NAT|DR|TUN)$/.test(word.value)) warn("is not one of NAT, DR, TUN", "write it in capitals");
  } else if (name === "digest") {
    if (word.value.length !== DIGEST_LENGTH) {
      warn(`has not ${DIGEST_LENGTH} digits`, "write the whole MD5 sum");
    }
  } else if (name === "nb_get_retry") {
    report.warning(place(statement), "nb_get_retry is deprecated; write retry");
  }
}
