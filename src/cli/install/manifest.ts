// The record of what was installed: uninstall removes exactly that, and only what nobody has changed since.
import { dirname } from "node:path";
import type { Tree } from "./tree.ts";

/** A file with the SHA-256 of what was written, or a link with its target. */
export interface Installed {
  path: string;
  /** SHA-256 in hexadecimal; null for a link. */
  sha256: string | null;
  /** Of a link; null for a file. */
  target: string | null;
}

export interface Manifest {
  version: string;
  entries: Installed[];
  /** Directories that were made, parents first. */
  directories: string[];
}

/** Where the record is: below the prefix, so that it is part of an image whose /var is empty at every start. */
export function manifestPath(prefix: string): string {
  return `${prefix}/lib/baton/installed.json`;
}

/** The record, or null when there is none. Throws an Error of one sentence when it makes no sense. */
export function readManifest(tree: Tree, prefix: string): Manifest | null {
  const path = manifestPath(prefix);
  if (!tree.has(path)) return null;
  let data: unknown;
  try {
    data = JSON.parse(tree.read(path));
  } catch {
    data = null;
  }
  if (!isManifest(data)) {
    throw new Error(
      `${tree.host(path)} is not a record of an installation: remove it, then run baton install --force`,
    );
  }
  return data;
}

/** Writes the record, its own new directories included. */
export function writeManifest(tree: Tree, prefix: string, manifest: Manifest): void {
  const path = manifestPath(prefix);
  manifest.directories.push(...tree.makeDirectories(dirname(path)));
  tree.write(path, 0o644, { text: JSON.stringify(manifest, null, 2) + "\n" });
}

function isManifest(data: unknown): data is Manifest {
  if (data === null || typeof data !== "object") return false;
  const { version, entries, directories } = data as Partial<Manifest>;
  return typeof version === "string" && isList(directories, isPath) && isList(entries, (entry) => {
    if (entry === null || typeof entry !== "object") return false;
    const { path, sha256, target } = entry as Partial<Installed>;
    return isPath(path) && (typeof sha256 === "string" ? target === null : typeof target === "string");
  });
}

function isList(value: unknown, test: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(test);
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("/");
}
