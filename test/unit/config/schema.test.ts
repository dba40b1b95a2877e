// The JSON Schema: it takes the sample and what convert writes, and refuses what baton refuses.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { convert } from "../../../src/config/convert.ts";
import { keywordNames } from "../../../src/config/keywords.ts";

const ROOT = join(import.meta.dir, "../../..");
const SCHEMA = JSON.parse(readFileSync(join(ROOT, "config/schema.json"), "utf8"));
const KNOWN = [
  "$ref",
  "additionalProperties",
  "anyOf",
  "description",
  "enum",
  "items",
  "maximum",
  "minimum",
  "pattern",
  "properties",
  "type",
  "$schema",
  "title",
  "$defs",
];

type Schema = Record<string, unknown>;

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** What of JSON Schema the table of keywords makes use of. Returns the paths that do not fit. */
function faults(schema: Schema, value: unknown, path = ""): string[] {
  for (const key of Object.keys(schema)) if (!KNOWN.includes(key)) throw new Error(`the schema uses ${key}`);
  if (typeof schema["$ref"] === "string") {
    return faults(SCHEMA.$defs[schema["$ref"].replace("#/$defs/", "")], value, path);
  }
  const anyOf = schema["anyOf"] as Schema[] | undefined;
  if (anyOf !== undefined && !anyOf.some((each) => faults(each, value, path).length === 0)) return [path];
  const types = schema["type"] === undefined ? null : [schema["type"]].flat();
  const type = typeOf(value);
  if (types !== null && !types.includes(type) && !(types.includes("integer") && Number.isInteger(value))) {
    return [path];
  }
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return [path];
  if (typeof value === "number") {
    if (
      value < (schema["minimum"] as number ?? -Infinity) || value > (schema["maximum"] as number ?? Infinity)
    ) return [path];
  }
  if (typeof value === "string" && schema["pattern"] !== undefined) {
    if (!new RegExp(schema["pattern"] as string).test(value)) return [path];
  }
  if (Array.isArray(value) && schema["items"] !== undefined) {
    return value.flatMap((item, index) => faults(schema["items"] as Schema, item, `${path}/${index}`));
  }
  if (type !== "object") return [];
  const properties = schema["properties"] as Record<string, Schema> | undefined;
  const others = schema["additionalProperties"];
  return Object.entries(value as object).flatMap(([key, inner]) => {
    const own = properties?.[key];
    if (own !== undefined) return faults(own, inner, `${path}/${key}`);
    if (others === false) return [`${path}/${key}`];
    return typeof others === "object" ? faults(others as Schema, inner, `${path}/${key}`) : [];
  });
}

const sample = readFileSync(join(ROOT, "config/baton.yaml"), "utf8");

describe("config/schema.json", () => {
  test("the sample names it in its first line, for editors, and fits it", () => {
    expect(sample.split("\n")[0]).toBe("# yaml-language-server: $schema=schema.json");
    expect(faults(SCHEMA, parse(sample))).toEqual([]);
  });

  test("the sample of every keyword fits it, and so does what is converted", () => {
    const folder = join(ROOT, "test/golden/config/all");
    const { text } = convert(join(folder, "keywords.conf"), { hostName: "alpha", environment: {} }, "yaml");
    expect(faults(SCHEMA, parse(text ?? ""))).toEqual([]);
    expect(faults(SCHEMA, parse(readFileSync(join(folder, "keywords.yaml"), "utf8")))).toEqual([]);
  });

  test("misspelt keys and values out of range do not fit", () => {
    const changed = (from: string, to: string) => faults(SCHEMA, parse(sample.replace(from, to)));
    expect(changed("priority: 150", "priorty: 150")).toEqual(["/vrrp_instance/VI_1/priorty"]);
    expect(changed("priority: 150", "priority: 300")).toEqual(["/vrrp_instance/VI_1/priority"]);
    expect(changed("advert_int: 100ms", "advert_int: soon")).toEqual(["/vrrp_instance/VI_1/advert_int"]);
    expect(changed("state: BACKUP", "state: SLAVE")).toEqual(["/vrrp_instance/VI_1/state"]);
    expect(changed("global_defs:", "globals:")).toEqual(["/globals"]);
  });

  test("every keyword of an instance is in it", () => {
    const properties = SCHEMA.properties.vrrp_instance.additionalProperties.properties;
    expect(Object.keys(properties).sort()).toEqual(keywordNames("vrrp_instance").sort());
  });

  test("what convert writes of the corpus fits it", () => {
    const corpus = join(ROOT, "test/corpus");
    let fitting = 0;
    for (const name of readdirSync(corpus).filter((each) => /^\d.*\.conf$/.test(each))) {
      const { text } = convert(join(corpus, name), { hostName: "alpha", environment: {} }, "yaml");
      if (text === null) continue;
      const value = parse(text);
      if (value === null) continue;
      expect([name, faults(SCHEMA, value)]).toEqual([name, []]);
      fitting++;
    }
    expect(fitting).toBeGreaterThan(60);
  });
});
