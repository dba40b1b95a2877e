// Where keepalived's dumps go and what they look like: keywords of global_defs.
import type { DumpConfig } from "./model.ts";
import type { Settings } from "./settings.ts";

/** Reads the settings of the dumps. */
export function readDumps(settings: Settings): DumpConfig {
  return {
    data: settings.text("state_dump_file") ?? null,
    statistics: settings.text("stats_dump_file") ?? null,
    json: settings.text("json_dump_file") ?? null,
    jsonVersion: settings.number("json_version") === 2 ? 2 : 1,
  };
}
