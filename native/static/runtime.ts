// The Bun runtime that goes into a static executable: from node_modules or npm, never unverified.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Arch } from "./machine.ts";
import { CHECKED_BUN, RUNTIMES } from "./pinned.ts";
import { BuildProblem } from "./problem.ts";

const ROOT = join(import.meta.dir, "../..");
const CACHE = join(ROOT, "node_modules/.cache/baton");
/** Limit of a download, in milliseconds. */
const DOWNLOAD_LIMIT_MS = 300_000;

/**
 * Stops the build when Bun, the installed one or the one that builds, is not the version that the relinker was
 * checked with. Throws a BuildProblem.
 */
export function checkBunVersion(versions: readonly string[] = [installedBun(), Bun.version]): void {
  const version = versions.find((found) => found !== CHECKED_BUN);
  if (version === undefined) return;
  throw new BuildProblem(
    `Bun is ${version} and the relinker was checked with ${CHECKED_BUN}: run npm ci, or check the new version as ` +
      "native/static/pinned.ts says",
  );
}

function installedBun(): string {
  const file = join(ROOT, "node_modules/bun/package.json");
  if (!existsSync(file)) throw new BuildProblem("Bun is not in node_modules: run npm ci");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Path of the verified runtime for `arch`; another machine's comes from npm. Throws a BuildProblem. */
export function verifiedRuntime(arch: Arch): string {
  const cached = join(CACHE, `bun-${CHECKED_BUN}-${arch}`);
  const installed = join(ROOT, "node_modules/bun/bin/bun.exe");
  const own = process.arch === arch && existsSync(installed) ? installed : cached;
  if (!existsSync(own)) download(arch, cached);
  checkHash(readFileSync(own), RUNTIMES[arch].sha256, own);
  return own;
}

/** Throws a BuildProblem unless SHA-256 of `bytes` is `expected`, in hexadecimal. */
export function checkHash(bytes: Uint8Array, expected: string, file: string): void {
  const found = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  if (found === expected) return;
  throw new BuildProblem(
    `${file} has SHA-256 ${found} and not ${expected}, it is damaged or was changed: remove node_modules and run npm ci`,
  );
}

/** Throws a BuildProblem unless `bytes` are what an `integrity` of package-lock.json says (sha512-BASE64). */
export function checkIntegrity(bytes: Uint8Array, integrity: string, name: string): void {
  const found = `sha512-${new Bun.CryptoHasher("sha512").update(bytes).digest("base64")}`;
  if (found === integrity) return;
  throw new BuildProblem(
    `${name} from npm is ${found} and package-lock.json wants ${integrity}: do not use this registry`,
  );
}

/** Fetches the runtime's npm package with npm itself, which knows the user's registry and proxy. */
function download(arch: Arch, target: string): void {
  const name = RUNTIMES[arch].package;
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; integrity?: string }>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (entry?.integrity === undefined || entry.version !== CHECKED_BUN) {
    throw new BuildProblem(`package-lock.json has no hash for ${name} ${CHECKED_BUN}: run npm install`);
  }
  mkdirSync(CACHE, { recursive: true });
  // A directory of its own: builds may run side by side, and each puts the same file in place.
  const own = mkdtempSync(join(CACHE, "fetch-"));
  console.log(`fetching ${name} ${entry.version} from npm`);
  const npm = Bun.spawnSync([
    "npm",
    "pack",
    `${name}@${entry.version}`,
    "--silent",
    "--pack-destination",
    own,
  ], {
    stdout: "pipe",
    stderr: "pipe",
    timeout: DOWNLOAD_LIMIT_MS,
  });
  const archive = join(own, `${name.replace("@", "").replace("/", "-")}-${entry.version}.tgz`);
  try {
    if (npm.exitCode !== 0 || !existsSync(archive)) {
      const why = npm.stderr.toString().trim().split("\n")[0] || `npm ended with ${npm.exitCode}`;
      throw new BuildProblem(
        `${name} cannot be fetched (${why}): connect to the npm registry and build again`,
      );
    }
    checkIntegrity(readFileSync(archive), entry.integrity, name);
    const tar = Bun.spawnSync(["tar", "-xzOf", archive, "package/bin/bun"], { maxBuffer: 1 << 28 });
    if (tar.exitCode !== 0) throw new BuildProblem(`${archive} cannot be unpacked: install tar and gzip`);
    checkHash(tar.stdout, RUNTIMES[arch].sha256, `${name} ${entry.version}`);
    const part = join(own, "bun");
    writeFileSync(part, tar.stdout);
    chmodSync(part, 0o755);
    renameSync(part, target);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
