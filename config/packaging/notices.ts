// Writes src/cli/licenses.txt, which `baton licenses` prints: `bun config/packaging/notices.ts`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUN, type Bundled, STATIC } from "./bundled.ts";

const ROOT = join(import.meta.dir, "../..");
/** The generated text. */
export const NOTICES_FILE = join(ROOT, "src/cli/licenses.txt");
const RULE = "=".repeat(80);

interface Package {
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

/**
 * The npm packages that are inside, with those that they need, by name. Throws an Error of one sentence for one
 * that has no licence or no text of it.
 */
export function npmParts(
  root: string = ROOT,
): { name: string; version: string; licence: string; text: string }[] {
  const names = new Set<string>();
  const visit = (name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    Object.keys(readPackage(root, name).dependencies ?? {}).forEach(visit);
  };
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Package;
  Object.keys(own.dependencies ?? {}).forEach(visit);
  return [...names].sort().map((name) => {
    const { version, license } = readPackage(root, name);
    const folder = join(root, "node_modules", name);
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
    if (license === undefined || file === undefined) {
      throw new Error(
        `${name} has no licence, or no text of it, in ${folder}: do not ship it, or ask its authors`,
      );
    }
    return { name, version, licence: license, text: readFileSync(join(folder, file), "utf8").trim() };
  });
}

/** The whole text. */
export function notices(root: string = ROOT): string {
  const npm = npmParts(root);
  const texts = [...new Set([...BUN, ...STATIC].flatMap((part) => part.licences))].sort();
  return [
    "baton is licensed under the MIT licence, which stands here first. Its executable contains the work of others;",
    "what that is, and under which terms, follows: npm packages, the Bun runtime with all that it contains, and in",
    "the static executables the GNU C Library.",
    "",
    readFileSync(join(root, "LICENSE"), "utf8").trim(),
    "",
    heading("How to relink"),
    RELINK,
    "",
    heading("npm packages"),
    npm.map(({ name, version, licence, text }) => `--- ${name} ${version} (${licence})\n\n${text}`).join(
      "\n\n",
    ),
    "",
    heading("The Bun runtime"),
    BUN.map(describe).join("\n\n"),
    "",
    heading("In the static executables"),
    STATIC.map(describe).join("\n\n"),
    "",
    ...texts.flatMap((name) => [heading(`Full text: ${name}`), licenceText(name), ""]),
  ].join("\n");
}

const RELINK = `\
JavaScriptCore and TinyCC, and in the static executables the GNU C Library, are under the GNU Library (Lesser)
General Public License: you may change them and link baton with what you have changed. All that this takes is
public:

- baton's sources, with build.ts and native/static, which make the executables;
- the runtime, the npm package bun (@oven/bun-linux-x64, @oven/bun-linux-aarch64) in the version that package.json
  names; with another WebKit or TinyCC, built as https://github.com/oven-sh/bun/blob/main/LICENSE.md describes;
- libc.a of the machine that builds: Debian's libc6-dev (libc6-dev-arm64-cross), or one of your own.

Put your runtime in the place of node_modules/bun, or your libc.a in the place of the machine's, then run
\`npm ci && npm run build:static\`. You may also take the executable apart to find faults in
such changes.
`;

function describe({ name, source, copyright, licences, remark }: Bundled): string {
  return [
    name,
    `    ${source}`,
    `    Copyright (c) ${copyright}`,
    `    Licence: ${licences.join(", ")}${remark === undefined ? "" : ` (${remark})`}`,
  ].join("\n");
}

function heading(title: string): string {
  return `${RULE}\n${title}\n${RULE}\n`;
}

function licenceText(name: string): string {
  return readFileSync(join(import.meta.dir, "licenses", `${name}.txt`), "utf8").trimEnd();
}

function readPackage(root: string, name: string): Package {
  const file = join(root, "node_modules", name, "package.json");
  if (!existsSync(file)) throw new Error(`${name} is not in node_modules: run npm ci`);
  return JSON.parse(readFileSync(file, "utf8")) as Package;
}

if (import.meta.main) writeFileSync(NOTICES_FILE, notices());
