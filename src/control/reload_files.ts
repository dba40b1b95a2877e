// The files that tell others of a reload: that the configuration is being read, and what was found in it.
import { closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DaemonSettings, ReloadSettings } from "../config/daemon.ts";

/** Where keepalived has its reload_file when no place is named. */
const DIRECTORY = "/run/keepalived";

/** reload_file: there while the configuration is being read. Both calls return null, or a sentence. */
export function reloadMarker(settings: DaemonSettings): {
  begin: () => string | null;
  end: () => string | null;
} {
  const path = markerPath(settings);
  if (path === null) return { begin: () => null, end: () => null };
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  return {
    begin: () =>
      attempt(`the reload_file ${path} cannot be made`, () => {
        if (dirname(path) === DIRECTORY) mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 });
        closeSync(openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644));
      }),
    end: () => attempt(`the reload_file ${path} cannot be removed`, () => rmSync(path, { force: true })),
  };
}

/** The path of reload_file; null = there is none. */
export function markerPath({ reload: { marker }, name }: DaemonSettings): string | null {
  return marker === "" ? `${DIRECTORY}/keepalived${name === null ? "" : `_${name}`}.reload` : marker;
}

/** reload_check_config: the findings of a reload, a line each. Returns null, or a sentence. */
export function writeFindings(
  { findings: path }: ReloadSettings,
  found: readonly { severity: string; text: string }[],
): string | null {
  if (path === null) return null;
  const text = found.map((each) => `${each.severity}: ${each.text}\n`).join("");
  return attempt(`${path} of reload_check_config cannot be written`, () => writeFileSync(path, text));
}

function attempt(what: string, act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return `${what} (${error instanceof Error ? error.message : String(error)}): check its directory`;
  }
}
