// What the keywords of virtual servers take, as far as keepalived complains of anything else.
import { isInterfaceName } from "./arguments.ts";
import { parseBoolean, parseInteger, parseTimeUs, readAddress } from "./values.ts";

/** What stands behind a keyword. */
export interface ServerValue {
  /** What keepalived does about a keyword without value: it ends, it complains, or it takes it. */
  bare: "ends" | "warns" | "fine";
  /** What is expected, where these words are not that; else null. */
  wrong: (words: readonly string[]) => string | null;
}

const UINT32_MAX = 0xffff_ffff;
/** Seconds that fit 32 and 64 bits of microseconds. */
const [SHORT_S, LONG_S] = [4294.967295, 18446744073709];

function value(
  expected: string,
  isRight: (first: string, words: readonly string[]) => boolean,
  bare: ServerValue["bare"] = "ends",
): ServerValue {
  return { bare, wrong: (words) => isRight(words[0] ?? "", words) ? null : expected };
}

function number(min: number, max = UINT32_MAX): ServerValue {
  return value(`a whole number from ${min} to ${max}`, (word) => {
    const read = parseInteger(word);
    return read !== undefined && read >= min && read <= max;
  });
}

function seconds(min: 0 | 0.000001, max: number): ServerValue {
  return value(`a number of seconds from ${min} to ${max}`, (word) => {
    const read = parseTimeUs(word, "conf");
    return read !== undefined && read >= min * 1e6 && read <= max * 1e6;
  });
}

function choice(of: string, bare: ServerValue["bare"] = "ends"): ServerValue {
  const all = of.split(" ");
  return value(`one of ${all.join(", ")}`, (word) => all.includes(word), bare);
}

function anything(bare: ServerValue["bare"]): ServerValue {
  return value("", () => true, bare);
}

const PORT = number(1, 65535);
const BOOLEAN = value("on or off", (word) => parseBoolean(word) !== undefined, "fine");
const ADDRESS = value("an IP address", (word) => readAddress(word) !== undefined);
const SCHEDULER = choice("rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos");
/** Bytes in hexadecimal, some of them perhaps any. */
const HEX = /^[0-9a-f?]+$/i;

const METHOD = value(
  "NAT, DR or TUN in capitals, TUN perhaps with its type",
  (word, words) =>
    word === "TUN" ? isTunnel(words.slice(1)) : /^(?:NAT|DR)$/.test(word) && words.length === 1,
);

function isTunnel(words: readonly string[]): boolean {
  const text = words.join(" ");
  return /^(?:type (?:ipip|gue|gre)|port \d+|nocsum|csum|remcsum| )*$/.test(text);
}

/** An address and perhaps a port, which keepalived takes for any if it is 0. */
const ENDPOINT = value("an IP address and a port from 1 to 65535", isEndpoint);

function isEndpoint(address: string, [, port]: readonly string[]): boolean {
  return readAddress(address) !== undefined && (port === undefined || isPort(port));
}

function isPort(word: string): boolean {
  const port = parseInteger(word);
  return port !== undefined && port >= 0 && port <= 65535;
}

const GRANULARITY = value("a netmask or a prefix length", (word) => {
  if (readAddress(word) !== undefined) return true;
  const length = parseInteger(word);
  return length === undefined ? /^\d*\.\d+$/.test(word) : length >= 0;
});

const STATUS = value("status codes from 100 to 599, or ranges of them", (_, words) =>
  words.every((word) => {
    const [from, to = from] = word.split("-").map((each) => parseInteger(each) ?? NaN);
    return from! >= 100 && to! <= 599 && from! <= to! && /^\d+(?:-\d+)?$/.test(word);
  }), "fine");

/** DNS */
const RECORDS = "A NS CNAME SOA MX TXT AAAA RRSIG DNSKEY".split(" ");

const SHARED: Record<string, ServerValue> = {
  delay_before_retry: seconds(0, LONG_S),
  warmup: seconds(0, LONG_S),
  connect_timeout: seconds(0.000001, SHORT_S),
  delay_loop: seconds(0.000001, LONG_S),
  virtualhost: anything("warns"),
  snmp_name: value("one word", (_, words) => words.length === 1, "warns"),
  lvs_method: METHOD,
  lb_kind: METHOD,
};

/** Both the servers and the checkers of one have these. */
const SERVER: Record<string, ServerValue> = { ...SHARED, retry: number(1), smtp_alert: BOOLEAN };

const CHECKER: Record<string, ServerValue> = {
  ...SHARED,
  connect_ip: ADDRESS,
  connect_port: PORT,
  bindto: ADDRESS,
  bind_port: PORT,
  bind_if: value("the name of an interface", isInterfaceName),
  fwmark: number(0),
  retry: number(0),
  alpha: BOOLEAN,
  log_all_failures: BOOLEAN,
  enable_sni: BOOLEAN,
  fast_recovery: BOOLEAN,
  http_protocol: value("1.0, 1.0C, 1.1 or 1.1C", (word) => /^1\.[01]C?$/i.test(word), "warns"),
  nb_get_retry: number(0),
  helo_name: anything("warns"),
  misc_timeout: value("a number of seconds", (word) => {
    const read = parseInteger(word);
    return read !== undefined && read >= 0 && read <= SHORT_S;
  }),
  user: anything("warns"),
  payload: value("bytes in hexadecimal", (_, words) => words.every((word) => HEX.test(word)), "warns"),
  require_reply: value("bytes in hexadecimal", (word) => HEX.test(word), "fine"),
  min_reply_length: number(0, 65535),
  max_reply_length: number(0, 65535),
  type: value(`one of ${RECORDS.join(", ")}`, (word) => RECORDS.includes(word.toUpperCase())),
  path: anything("ends"),
  digest: value("32 hexadecimal digits", (word) => /^[0-9a-f]{32}$/i.test(word)),
  status_code: STATUS,
  track_file: anything("ends"),
};

const BY_BLOCK: Record<string, Record<string, ServerValue>> = {
  virtual_server: {
    ...SERVER,
    ip_family: choice("inet inet6"),
    lb_algo: SCHEDULER,
    lvs_sched: SCHEDULER,
    protocol: value("TCP, UDP or SCTP", (word) => /^(?:tcp|udp|sctp)$/i.test(word)),
    persistence_engine: anything("ends"),
    persistence_timeout: { ...number(1, 2678400), bare: "fine" },
    persistence_granularity: GRANULARITY,
    quorum: number(1),
    hysteresis: number(0),
    quorum_up: anything("ends"),
    quorum_down: anything("ends"),
    weight: number(1, 2147483647),
    sorry_server: ENDPOINT,
    sorry_server_lvs_method: { ...METHOD, bare: "warns" },
  },
  real_server: {
    ...SERVER,
    weight: number(0, 2147483647),
    uthreshold: number(0),
    lthreshold: number(0),
    inhibit_on_failure: BOOLEAN,
    alpha: BOOLEAN,
    notify_up: anything("ends"),
    notify_down: anything("ends"),
  },
  DNS_CHECK: {
    ...CHECKER,
    name: value("a name of labels between dots", (word) => !/\.\.|^\../.test(word)),
  },
  BFD_CHECK: { ...CHECKER, name: anything("warns") },
};

/** What a keyword takes in the block that this keyword opens; undefined: whatever stands there. */
export function serverValue(opener: string, name: string): ServerValue | undefined {
  const values = BY_BLOCK[opener] ?? CHECKER;
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** What keepalived expects behind virtual_server or real_server, where these words are not that; else null. */
export function wrongServerName(opener: string, words: readonly string[]): string | null {
  const [first, second] = words;
  if (opener === "real_server") return first === undefined ? null : ENDPOINT.wrong(words);
  if (first === "group") return null;
  if (first === "fwmark") return second === undefined ? null : number(0).wrong([second]);
  // It takes the first of a range, too.
  return ENDPOINT.wrong([first?.replace(/[-/]\d+$/, "") ?? "", ...words.slice(1)]);
}

/** What keepalived expects in a virtual_server_group, where this entry is not that; else null. */
export function wrongGroupEntry([first = "", second]: readonly string[]): string | null {
  if (first === "fwmark") return number(0).wrong([second ?? ""]);
  const expected = "an address, ADDRESS-LAST or ADDRESS/LENGTH, and a port";
  const [, address = "", mark, rest = ""] = /^([^-/]*)([-/]?)(.*)$/.exec(first) ?? [];
  const read = readAddress(address);
  if (read === undefined || (second !== undefined && !isPort(second))) return expected;
  if (mark === "") return null;
  const last = read.bytes.at(-1)!;
  const number_ = parseInteger(rest);
  if (mark === "/") {
    if (number_ === undefined || number_ > read.bytes.length * 8) return expected;
    return hostBits(read.bytes, number_) ? `the first address of a /${number_}` : null;
  }
  const end = number_ ?? readAddress(rest)?.bytes.at(-1);
  return end === undefined || (number_ !== undefined && number_ <= last) ? expected : null;
}

/** Whether an address is more than its network. */
function hostBits(bytes: Uint8Array, length: number): boolean {
  return bytes.some((byte, at) => (byte & (0xff >> Math.min(8, Math.max(0, length - at * 8)))) !== 0);
}
