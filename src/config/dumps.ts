// Where keepalived's dumps go and what they look like: keywords of global_defs.
import type { Settings } from "./settings.ts";

/** Paths are null for the default, keepalived.* in $TMPDIR or /tmp; one that ends with a slash is a directory. */
export interface DumpConfig {
  data: string | null;
  statistics: string | null;
  json: string | null;
  jsonVersion: 1 | 2;
}

/** Reads the settings of the dumps. */
export function readDumps(settings: Settings): DumpConfig {
  return {
    data: settings.text("state_dump_file") ?? null,
    statistics: settings.text("stats_dump_file") ?? null,
    json: settings.text("json_dump_file") ?? null,
    jsonVersion: settings.number("json_version") === 2 ? 2 : 1,
  };
}
