// The auth_hmac block: keys in text, in hexadecimal or in files, and how strictly they are asked for.
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import type { Settings } from "./settings.ts";
import type { Span } from "./text.ts";
import type { Statement } from "./tree.ts";
import type { HmacConfig } from "./model.ts";

const MIN_BYTES = 32;
const MAX_BYTES = 64;
const SHORTEST_WINDOW_US = 5_000_000;

/** Reads the block of an instance; null = none. Keys never appear in a message. */
export function readHmac(
  decoding: Decoding,
  outer: Settings,
  { owner, advertIntervalUs, ah }: { owner: string; advertIntervalUs: number; ah: boolean },
): HmacConfig | null {
  const where = outer.keywordSpan("auth_hmac");
  if (where === null) return null;
  const statements = outer.entries("auth_hmac");
  const name = `auth_hmac of ${owner}`;
  const settings = decodeBlock(decoding, { statements }, "vrrp_instance/auth_hmac", name);
  const keys: HmacConfig["keys"] = [];
  for (const statement of settings.statements("key")) {
    const key = readKey(decoding, statement, name);
    if (key === null) continue;
    if (keys.some(({ id }) => id === key.id)) {
      const what = `key ${key.id} of ${name} is given twice`;
      bad(decoding, hidden(statement), what, "the second is ignored", "delete one");
    } else keys.push(key);
  }
  const [first] = keys;
  if (first === undefined) {
    // Without a key this router would be open to everybody, or deaf: no start is better than either.
    decoding.report.error(where, `${name} has no usable key; write key 1 hex: and 64 hexadecimal digits`);
    return null;
  }
  if (ah) {
    bad(decoding, where, `${name} does not go with auth_type AH`, "it is ignored", "delete one of the two");
    return null;
  }
  const wanted = settings.number("active_key");
  if (wanted === undefined && keys.length > 1) {
    const what = `${name} has several keys and no active_key`;
    bad(decoding, where, what, `key ${first.id} signs`, "add active_key");
  }
  const active = keys.find(({ id }) => id === (wanted ?? first.id));
  if (active === undefined) {
    const what = `active_key ${wanted} of ${name} is not among its keys`;
    decoding.report.error(settings.span("active_key"), `${what}; add the key or name another`);
    return null;
  }
  return {
    keys,
    activeKey: active.id,
    timeWindowUs: settings.number("time_window") ?? Math.max(3 * advertIntervalUs, SHORTEST_WINDOW_US),
    antiReplay: settings.text("anti_replay") === "monotonic" ? "monotonic" : "time",
    mode: readMode(settings.text("mode")),
  };
}

function readMode(text: string | undefined): HmacConfig["mode"] {
  return text === "permissive" || text === "receive-only" ? text : "enforce";
}

/** `key ID VALUE`; null when it is reported. */
function readKey(decoding: Decoding, statement: Statement, name: string): HmacConfig["keys"][0] | null {
  const [, idWord, valueWord, extra] = statement.words;
  const where = hidden(statement);
  const wrong = (what: string, cure: string) => {
    bad(decoding, where, what, "it is left out", cure);
    return null;
  };
  const id = /^\d{1,3}$/.test(idWord?.value ?? "") ? Number(idWord!.value) : 0;
  if (id < 1 || id > 255 || valueWord === undefined || extra !== undefined) {
    return wrong(`a key of ${name} is not an id and a value`, "write key ID VALUE with an id of 1..255");
  }
  const bytes = keyBytes(valueWord.value);
  if (typeof bytes === "string") return wrong(`key ${id} of ${name} ${bytes}`, "correct it");
  if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
    const what = `key ${id} of ${name} has ${bytes.length} bytes`;
    return wrong(what, `write one of ${MIN_BYTES} to ${MAX_BYTES} bytes, for example hex: and 64 digits`);
  }
  return { id, secret: Buffer.from(bytes).toString("hex") };
}

/** The bytes of a value, or what is wrong with it. */
function keyBytes(value: string): Uint8Array | string {
  if (value.startsWith("hex:")) {
    const digits = value.slice(4);
    if (!/^([0-9a-f]{2})+$/i.test(digits)) return "is not an even number of hexadecimal digits";
    return Buffer.from(digits, "hex");
  }
  if (!value.startsWith("file:")) return new TextEncoder().encode(value);
  const path = value.slice(5);
  const credentials = process.env["CREDENTIALS_DIRECTORY"];
  const full = isAbsolute(path) || credentials === undefined ? path : join(credentials, path);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(full);
  } catch {
    return `cannot be read from ${full}`;
  }
  // An editor's line end is not part of the key.
  let end = bytes.length;
  if (bytes[end - 1] === 10) end--;
  if (bytes[end - 1] === 13) end--;
  const text = Buffer.from(bytes.subarray(0, end)).toString("latin1");
  return text.startsWith("hex:") ? keyBytes(text) : bytes.subarray(0, end);
}

/** The place of a key, without the key. */
function hidden(statement: Statement): Span {
  const { span } = statement.words[0];
  return { ...span, source: { ...span.source, text: "key ********" }, column: 1, length: 3 };
}
