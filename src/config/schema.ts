// JSON Schema of the YAML syntax, from the table of keywords.
import { KEYWORDS } from "./keywords.ts";
import type { Argument, Keyword } from "./keywords/types.ts";

/** A piece of JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const TEXT: Json = { type: "string" };
const SCALAR: Json = { type: ["string", "number"] };
/** A user without a name. */
const USER_NUMBER = { type: "integer", minimum: 0 };
const WORDS: Json = { type: "array", items: SCALAR };

/** The JSON Schema (draft 2020-12) that editors check a baton.yaml with. */
export function jsonSchema(): Json {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "baton configuration",
    ...blockSchema("root"),
    $defs: {
      time: {
        description: "Seconds, or a number with a unit: us, ms, s, m, h",
        anyOf: [{ type: "number" }, { type: "string", pattern: "^[0-9]*\\.?[0-9]+ ?(us|ms|s|m|h)?$" }],
      },
      milliseconds: {
        description: "Milliseconds, or a number with a unit: us, ms, s, m, h",
        anyOf: [{ type: "number" }, { type: "string", pattern: "^[0-9]*\\.?[0-9]+ ?(us|ms|s|m|h)?$" }],
      },
      boolean: { anyOf: [{ type: "boolean" }, { enum: ["on", "off", "yes", "no"] }] },
      entries: {
        description: "A list of lines, or a mapping of names to options",
        anyOf: [{ type: "array", items: { type: ["string", "object"] } }, { type: "object" }, {
          type: "null",
        }],
      },
    },
  };
}

function blockSchema(block: string): { [key: string]: Json } {
  const properties: { [key: string]: Json } = {};
  for (const row of KEYWORDS.get(block)?.values() ?? []) properties[row.name] = rowSchema(row);
  return { type: "object", properties, additionalProperties: false };
}

function rowSchema(row: Keyword): Json {
  const later = row.effect === true
    ? ""
    : row.effect === "none"
    ? `No effect: ${row.reason}. `
    : "No effect in this version yet. ";
  const fallback = row.default === "-" ? "" : ` Default: ${row.default}.`;
  const description = `${later}${row.meaning}.${fallback}`;
  return { description, ...(row.type === null ? {} : severalSchema(row, row.type)) };
}

/** A keyword that may be given several times takes a list too. */
function severalSchema({ twice }: Keyword, type: Argument): { [key: string]: Json } {
  const one = typeSchema(type);
  const several = type.kind === "interface" && twice === "all" ||
    type.kind === "block" && type.apart === true;
  return several ? { anyOf: [one, { type: "array", items: one }] } : one;
}

function typeSchema(type: Argument): { [key: string]: Json } {
  switch (type.kind) {
    case "flag":
    case "boolean":
      return { $ref: "#/$defs/boolean" };
    case "integer":
      return {
        type: type.bare === undefined ? "integer" : ["integer", "null"],
        minimum: type.min,
        maximum: type.max,
      };
    case "seconds":
      return { $ref: "#/$defs/time" };
    case "milliseconds":
      return { $ref: "#/$defs/milliseconds" };
    case "choice":
      return { enum: type.bare === undefined ? [...type.of] : [...type.of, null] };
    case "weight":
      return { anyOf: [{ type: "integer", minimum: type.min, maximum: type.max }, TEXT, WORDS] };
    case "words":
      return { anyOf: [TEXT, WORDS] };
    case "identity":
      return { anyOf: [TEXT, USER_NUMBER, WORDS] };
    case "command": {
      const command: Json[] = type.bare === true ? [TEXT, WORDS, { type: "null" }] : [TEXT, WORDS];
      const withUser: Json = {
        type: "object",
        properties: { command: { anyOf: [TEXT, WORDS] }, user: { anyOf: [TEXT, USER_NUMBER] } },
        additionalProperties: false,
      };
      return { anyOf: type.identity ? [...command, withUser] : command };
    }
    case "block":
      return blockSchema(type.block);
    case "named":
      return { type: "object", additionalProperties: blockSchema(type.block) };
    case "entries":
      return { $ref: "#/$defs/entries" };
    case "lines":
      return { anyOf: [TEXT, { type: "array", items: TEXT }] };
    case "free":
      return { anyOf: [{ type: ["string", "number", "boolean", "null"] }, WORDS] };
    case "word":
      return { type: type.bare === undefined ? ["string", "number"] : ["string", "number", "null"] };
    case "secret":
      return { type: ["string", "number"] };
    case "interface":
    case "address":
      return { type: "string" };
  }
}
