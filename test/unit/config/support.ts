// Helpers of the configuration tests: files in memory, and one instance that is right.
import { dirname } from "node:path";
import type { Files } from "../../../src/config/files.ts";
import { loadConfig, type LoadOptions, type LoadResult, renderDiagnostic } from "../../../src/config/load.ts";

/** A file in memory: its text or bytes; a mode 0o755 makes it executable. */
export type MemoryFile = string | Uint8Array | { text: string; executable: true };

/** A file system of the given absolute paths. */
export function memoryFiles(contents: Record<string, MemoryFile>): Files {
  return {
    read(path, anyKind) {
      const file = contents[path];
      if (file === undefined) {
        const isDirectory = Object.keys(contents).some((name) => name.startsWith(`${path}/`));
        return { ok: false, reason: isDirectory ? "not a regular file" : "missing" };
      }
      if (typeof file === "object" && "executable" in file) {
        return anyKind
          ? { ok: true, bytes: new TextEncoder().encode(file.text), realPath: path }
          : { ok: false, reason: "executable" };
      }
      const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
      return { ok: true, bytes, realPath: path };
    },
    names(directory) {
      return Object.keys(contents).filter((path) => dirname(path) === directory).map((path) =>
        path.slice(directory.length + 1)
      );
    },
  };
}

/** Loads the text as /etc/baton/keepalived.conf (or another path) on the host "alpha.example.org". */
export function load(
  text: string | Uint8Array,
  more: Record<string, MemoryFile> = {},
  options: Partial<LoadOptions> & { path?: string } = {},
): LoadResult {
  const path = options.path ?? "/etc/baton/keepalived.conf";
  const files = memoryFiles({ ...more, [path]: text });
  return loadConfig(path, { hostName: "alpha.example.org", environment: {}, files, ...options });
}

/** The messages of a result, without places. */
export function messages({ diagnostics }: LoadResult): string[] {
  return diagnostics.map(({ severity, line, column, message }) =>
    `${line}:${column} ${severity}: ${message}`
  );
}

/** All diagnostics as people see them. */
export function rendered({ diagnostics }: LoadResult): string {
  return diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic, false)}\n`).join("");
}

/** An instance without fault; `body` is added to it. */
export function instance(body = "", name = "VI_1", vrid = 51, address = "192.0.2.10/24"): string {
  return `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${vrid}
  virtual_ipaddress {
    ${address}
  }
  ${body}
}
`;
}
