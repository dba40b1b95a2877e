// The authentication block: what it says, and when it does not count.
import { bad } from "./context.ts";
import { decodeBlock } from "./decode.ts";
import type { Decoding } from "./decoding.ts";
import type { Authentication, Family } from "./model.ts";
import type { Settings } from "./settings.ts";

/** Bytes of the authentication field (RFC 2338 section 5.3.10). */
const PASSWORD_BYTES = 8;

const ENCODER = new TextEncoder();

/** Reads the authentication of an instance; null = none. Passwords never appear in a message. */
export function readAuthentication(
  decoding: Decoding,
  outer: Settings,
  { version, family, owner }: { version: 2 | 3; family: Family; owner: string },
): Authentication | null {
  const where = outer.keywordSpan("authentication");
  if (where === null) return null;
  const statements = outer.entries("authentication");
  const settings = decodeBlock(
    decoding,
    { statements },
    "vrrp_instance/authentication",
    `authentication of ${owner}`,
  );
  const type = settings.text("auth_type");
  const given = settings.text("auth_pass");
  const password = ENCODER.encode(given ?? "").length <= PASSWORD_BYTES ? given : cut(given ?? "");
  if (password !== given) {
    const message =
      `auth_pass of ${owner} is longer than ${PASSWORD_BYTES} bytes, so only its start counts; shorten it`;
    decoding.report.warning(settings.span("auth_pass"), message);
  }
  if (version === 3) {
    // Not an error even in YAML: one file may serve both versions, as keepalived's do.
    const message =
      `VRRPv3 has no authentication, so the block of ${owner} is ignored; delete it or use version 2`;
    decoding.report.warning(where, message);
    return null;
  }
  if (type === undefined) {
    const what = `the authentication of ${owner} has no ${
      settings.has("auth_type") ? "usable " : ""
    }auth_type`;
    bad(decoding, where, what, "it is ignored", "write auth_type PASS");
    return null;
  }
  if (password === undefined || password === "") {
    bad(decoding, where, `the authentication of ${owner} has no auth_pass`, "it is ignored", "add auth_pass");
    return null;
  }
  if (type === "AH" && family === "ipv6") {
    bad(decoding, where, `AH of ${owner} works over IPv4 only`, "it is ignored", "delete the block");
    return null;
  }
  return { type: type === "AH" ? "AH" : "PASS", password };
}

/** The start of a password: as many whole characters as fit. */
function cut(text: string): string {
  let kept = "";
  for (const char of text) {
    if (ENCODER.encode(kept + char).length > PASSWORD_BYTES) break;
    kept += char;
  }
  return kept;
}
