// The auth_hmac block in both syntaxes: what it means, what is wrong with it, and that keys are never shown.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instance, load, messages, rendered } from "./support.ts";

const TEXT = "correct-horse-battery-staple-0123456789";
const TEXT_HEX = Buffer.from(TEXT).toString("hex");
const HEX = "5a".repeat(32);

function built(block: string, body = "") {
  const result = load(instance(`${body}\n auth_hmac {\n ${block}\n }`));
  return { hmac: result.config?.instances[0]?.hmac, said: messages(result), text: rendered(result) };
}

test("the defaults, and every keyword", () => {
  expect(built(`key 1 hex:${HEX}`).hmac).toEqual({
    keys: [{ id: 1, secret: HEX }],
    activeKey: 1,
    timeWindowUs: 5_000_000,
    antiReplay: "time",
    mode: "enforce",
  });
  expect(built(`key 1 hex:${HEX}`, "advert_int 4").hmac?.timeWindowUs).toBe(12_000_000);
  const all = `key 3 ${TEXT}\n key 255 hex:${HEX}\n active_key 255\n time_window 300\n anti_replay monotonic`;
  expect(built(`${all}\n mode receive-only`).hmac).toEqual({
    keys: [{ id: 3, secret: TEXT_HEX }, { id: 255, secret: HEX }],
    activeKey: 255,
    timeWindowUs: 300_000_000,
    antiReplay: "monotonic",
    mode: "receive-only",
  });
  expect(load(instance()).config?.instances[0]?.hmac).toBeNull();
});

test("keys in files, with a line end or in hexadecimal, and among the credentials of systemd", () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-hmac-"));
  try {
    writeFileSync(join(directory, "text"), `${TEXT}\n`);
    writeFileSync(join(directory, "hex"), `hex:${HEX}\r\n`);
    const secret = (value: string) => built(`key 1 file:${value}`).hmac?.keys[0]?.secret;
    expect(secret(join(directory, "text"))).toBe(TEXT_HEX);
    expect(secret(join(directory, "hex"))).toBe(HEX);
    process.env["CREDENTIALS_DIRECTORY"] = directory;
    expect(secret("text")).toBe(TEXT_HEX);
  } finally {
    delete process.env["CREDENTIALS_DIRECTORY"];
    rmSync(directory, { recursive: true });
  }
});

test("in YAML: one key, or a list of them", () => {
  const yaml = (key: string) =>
    load(
      `vrrp_instance:\n  VI_1:\n    interface: eth0\n    virtual_router_id: 51\n    virtual_ipaddress: [192.0.2.10/24]\n` +
        `    auth_hmac:\n      key: ${key}\n      active_key: 1\n      time_window: 10s\n`,
      {},
      { path: "/etc/baton/baton.yaml" },
    ).config?.instances[0]?.hmac;
  expect(yaml(`1 hex:${HEX}`)).toMatchObject({ keys: [{ id: 1, secret: HEX }], timeWindowUs: 10_000_000 });
  expect(yaml(`["1 hex:${HEX}", "2 ${TEXT}"]`)?.keys).toHaveLength(2);
});

describe("what is wrong is said", () => {
  const cases: [string, string, RegExp, number | null][] = [
    ["no key", "mode enforce", /error: auth_hmac of vrrp_instance VI_1 has no usable key; /, null],
    [
      "a short key",
      `key 1 ${TEXT.slice(0, 31)}`,
      /key 1 of auth_hmac .* has 31 bytes, so it is left out; /,
      null,
    ],
    ["a long key", `key 1 hex:${"00".repeat(65)}`, /has 65 bytes/, null],
    ["half a digit", `key 1 hex:${HEX}1`, /is not an even number of hexadecimal digits/, null],
    ["an id", `key 256 ${TEXT}\n key 2 ${TEXT}`, /a key of .* is not an id and a value/, 1],
    ["the same id", `key 2 ${TEXT}\n key 2 hex:${HEX}`, /key 2 of .* is given twice/, 1],
    ["a file", "key 1 file:/nonexistent/key", /key 1 of .* cannot be read from \/nonexistent\/key/, null],
    [
      "an unknown active key",
      `key 1 ${TEXT}\n active_key 2`,
      /error: active_key 2 of .* is not among its keys/,
      null,
    ],
    ["no active key", `key 1 ${TEXT}\n key 2 ${TEXT}`, /several keys and no active_key, so key 1 signs/, 2],
    ["a window", `key 1 ${TEXT}\n time_window 301`, /time_window "301" is outside 1\.\.300/, 1],
  ];
  test.each(cases)("%s", (_, block, message, keys) => {
    const { hmac, said, text } = built(block);
    expect(said.join("\n")).toMatch(message);
    expect(hmac?.keys.length ?? null).toBe(keys);
    expect(text).not.toContain(TEXT);
    expect(text).not.toContain(HEX);
  });

  test("not with AH; strict mode enforces", () => {
    const ah = built(`key 1 ${TEXT}`, "authentication {\n auth_type AH\n auth_pass x\n }");
    expect(ah.hmac).toBeNull();
    expect(ah.said.join("\n")).toContain("does not go with auth_type AH");
    const strict = built(`key 1 ${TEXT}\n mode permissive`, "strict_mode");
    expect(strict.hmac?.mode).toBe("enforce");
  });

  test("a misspelt keyword does not show the key beside it", () => {
    for (const line of [`kye 1 ${TEXT}`, `key 1 ${TEXT} extra`, `blah { key 1 ${TEXT}`]) {
      const { said, text } = built(`key 2 hex:${HEX}\n ${line}`);
      expect(said).not.toEqual([]);
      expect(text).not.toContain(TEXT);
    }
  });
});
