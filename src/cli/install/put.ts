// Puts files in place and remembers them: what somebody has changed, or what was never ours, is left and named.
import type { Installed, Manifest } from "./manifest.ts";
import { type Source, sourceDigest, type Tree } from "./tree.ts";

/** What should be at a path. */
export type Wanted = { path: string; mode: number; source: Source } | { path: string; target: string };

export interface Options {
  /** Nothing is touched: the lines say what would be. */
  dryRun: boolean;
  /** Replaces what would be left. */
  force: boolean;
}

/** What has become of a file, a line for people. `left`: it is not what it should be. */
export interface Outcome {
  line: string;
  left: boolean;
}

/** Puts one file or link in place and enters it into `manifest`. Throws an Error of one sentence. */
export function put(tree: Tree, wanted: Wanted, manifest: Manifest, options: Options): Outcome {
  const { path } = wanted;
  const known = manifest.entries.find((entry) => entry.path === path);
  const entry: Installed = "source" in wanted
    ? { path, sha256: sourceDigest(wanted.source), target: null }
    : { path, sha256: null, target: wanted.target };
  const host = tree.host(path);
  const there = found(tree, path);
  if (there !== null && same(there, entry)) {
    // Of the same content already, whoever put it there.
    if (known === undefined || !same(known, entry)) enter(manifest, entry);
    return { line: `unchanged  ${host}`, left: false };
  }
  if (there !== null && !options.force && (known === undefined || !same(there, known))) {
    const why = known === undefined
      ? "it was not installed by baton"
      : "it has been changed since it was installed";
    return { line: `left       ${host}: ${why}; --force replaces it`, left: true };
  }
  const verb = there === null ? "write" : "replace";
  if (options.dryRun) return { line: `would ${verb} ${host}${arrow(wanted)}`, left: false };
  if ("source" in wanted) manifest.directories.push(...tree.write(path, wanted.mode, wanted.source));
  else {
    if (there !== null) tree.remove(path);
    manifest.directories.push(...tree.link(path, wanted.target));
  }
  enter(manifest, entry);
  return { line: `${there === null ? "wrote     " : "replaced  "} ${host}${arrow(wanted)}`, left: false };
}

/** Removes one entry if it is still what was installed. */
export function takeAway(tree: Tree, entry: Installed, options: Options): Outcome | null {
  const there = found(tree, entry.path);
  if (there === null) return null;
  const host = tree.host(entry.path);
  if (!same(there, entry) && !options.force) {
    return { line: `left       ${host}: it has been changed since it was installed`, left: true };
  }
  if (options.dryRun) return { line: `would remove ${host}`, left: false };
  tree.remove(entry.path);
  return { line: `removed    ${host}`, left: false };
}

/** What is at a path as an entry: null for nothing; a device or a directory is like nothing that is installed. */
function found(tree: Tree, path: string): Installed | null {
  const present = tree.present(path);
  if (present.kind === "nothing") return null;
  if (present.kind === "link") return { path, sha256: null, target: present.target };
  if (present.kind === "file") return { path, sha256: tree.digest(path), target: null };
  throw new Error(`${tree.host(path)} is neither a file nor a link: remove it first`);
}

function same(a: Installed, b: Installed): boolean {
  return a.sha256 === b.sha256 && a.target === b.target;
}

function enter(manifest: Manifest, entry: Installed): void {
  manifest.entries = [...manifest.entries.filter((other) => other.path !== entry.path), entry];
}

function arrow(wanted: Wanted): string {
  return "target" in wanted ? ` -> ${wanted.target}` : "";
}
