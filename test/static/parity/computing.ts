// What needs no system: compiled code, exceptions, recursion, garbage, numbers, cryptography, languages.
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { Hono } from "hono";
import { parse } from "yaml";
import { type Items, thrown } from "./item.ts";

/** What runs long enough to be compiled by every tier, and to be collected. */
export const hot: Items = {
  "a hot loop": () => {
    let sum = 0;
    for (let i = 0; i < 30_000_000; i++) sum = (sum + i * 3) | 0;
    return sum;
  },
  "a hot loop of fractions": () => {
    let sum = 0;
    for (let i = 1; i < 2_000_000; i++) sum += Math.sin(i) * Math.sqrt(i) + Math.pow(i, 0.3) + Math.exp(-i);
    return sum.toFixed(3);
  },
  "typed arrays": () => {
    const words = new Uint32Array(1 << 16).map((_, i) => i * 2654435761);
    return words.sort().reduce((a, b) => (a ^ b) >>> 0, 0);
  },
  "exceptions from hot code": () => {
    let caught = 0;
    const odd = (i: number) => {
      if (i % 2 === 1) throw new RangeError(`${i}`);
      return i;
    };
    for (let i = 0; i < 200_000; i++) {
      try {
        odd(i);
      } catch (error) {
        if (error instanceof RangeError) caught++;
      }
    }
    return caught;
  },
  garbage: () => {
    let kept: { i: number; text: string }[] = [];
    for (let i = 0; i < 1_000_000; i++) {
      kept.push({ i, text: `x${i}` });
      if (kept.length > 50_000) kept = [];
    }
    Bun.gc(true);
    return kept.length;
  },
};

export const computing: Items = {
  "recursion without end": () => {
    let depth = 0;
    const deeper = (): number => 1 + deeper() + depth++;
    return [thrown(deeper), depth >= 0];
  },
  "deep recursion": () => {
    const sum = (n: number): number => n === 0 ? 0 : n + sum(n - 1);
    return sum(8000);
  },
  "large integers": () => (2n ** 521n - 1n).toString(36).slice(0, 20),
  hashes: () => [
    createHash("sha256").update("baton").digest("hex"),
    createHash("md5").update("baton").digest("hex"),
    createHmac("sha1", "key").update("baton").digest("hex"),
    pbkdf2Sync("a", "b", 1000, 16, "sha256").toString("hex"),
    timingSafeEqual(Buffer.from("a"), Buffer.from("a")),
    new Set(randomBytes(256)).size > 100,
  ],
  "web cryptography": async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
      "sign",
      "verify",
    ]);
    const how = { name: "ECDSA", hash: "SHA-256" };
    const signature = await crypto.subtle.sign(how, pair.privateKey, new Uint8Array(32));
    return await crypto.subtle.verify(how, pair.publicKey, signature, new Uint8Array(32));
  },
  compression: () => [
    gunzipSync(gzipSync("baton")).toString(),
    Bun.zstdDecompressSync(Bun.zstdCompressSync(Buffer.from("baton"))).toString(),
  ],
  "regular expressions and languages": () => [
    "a1b22".replace(/\p{Nd}+/gu, (digits) => `<${digits}>`),
    (1234567.891).toLocaleString("en-US"),
    new Date(0).toLocaleString("de-DE", { timeZone: "America/New_York" }),
    ["b", "ä", "a"].sort(new Intl.Collator("de").compare).join(),
  ],
  "web assembly": async () => {
    // (func (export "f") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    const text = "0061736d0100000001070160027f7f017f030201000705010166" + "00000a09010700200020016a0b";
    const { instance } = await WebAssembly.instantiate(Uint8Array.fromHex(text));
    const add = instance.exports["f"] as (a: number, b: number) => number;
    let sum = 0;
    for (let i = 0; i < 100_000; i++) sum = add(sum, i);
    return sum;
  },
  "the program's packages": async () => [
    parse("a: [1, 2]\nb: {c: text}"),
    await (await new Hono().get("/", (c) => c.text("hono")).request("/")).text(),
  ],
  "error text": () => thrown(() => (undefined as unknown as { x: number }).x),
};
