// Fetches Debian's kernel packages for the virtual machines: `bun test/vm/fetch.ts [x64|arm64...]`.
//
// apt-get does it, with a configuration of its own: signatures are checked, nothing is installed, and the machine's
// architectures and package lists stay as they are. Needs no root.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arch, ARCHES } from "../../native/static/machine.ts";
import { kernelFolder, kernelOf, MODULES } from "./kernel.ts";
import { loadOrder, moduleFiles } from "./modules.ts";

/** Debian's names of the machines. */
const DEBIAN: Record<Arch, string> = { x64: "amd64", arm64: "arm64" };
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const SUITES = [
  "http://deb.debian.org/debian bookworm main",
  "http://deb.debian.org/debian-security bookworm-security main",
];
/** Limit of one command, in milliseconds. */
const LIMIT_MS = 300_000;
/** Where the modules of `MODULES` and what they need are, in the package. */
const PLACES = ["net", "lib", "crypto", "drivers/net", "drivers/virtio"];

/** Something that stops the fetch, for people. */
class Problem extends Error {}

function main(words: string[]): number {
  const unknown = words.find((word) => !(ARCHES as readonly string[]).includes(word));
  if (unknown !== undefined) {
    console.error(`fetch: ${unknown} is not a machine: name ${ARCHES.join(" or ")}`);
    return 2;
  }
  const missing = (words.length === 0 ? ARCHES : words as Arch[]).filter((arch) => kernelOf(arch) === null);
  if (missing.length === 0) return 0;
  const scratch = mkdtempSync(join(tmpdir(), "baton-kernels-"));
  try {
    const apt = new Apt(scratch, missing);
    for (const arch of missing) fetchKernel(apt, arch, join(scratch, arch));
    return 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`fetch: ${error.message}`);
    return 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** apt-get and apt-cache with lists, cache and architectures of their own. */
class Apt {
  readonly #options: string[];

  constructor(scratch: string, arches: readonly Arch[]) {
    if (!existsSync(KEYRING)) {
      throw new Problem(
        `${KEYRING} is missing, Debian's packages cannot be verified: apt-get install debian-archive-keyring`,
      );
    }
    for (const folder of ["state/lists/partial", "cache/archives/partial"]) {
      mkdirSync(join(scratch, folder), { recursive: true });
    }
    writeFileSync(join(scratch, "status"), "");
    writeFileSync(
      join(scratch, "sources.list"),
      SUITES.map((suite) => `deb [signed-by=${KEYRING}] ${suite}\n`).join(""),
    );
    const settings = [
      `Dir::Etc::sourcelist=${join(scratch, "sources.list")}`,
      "Dir::Etc::sourceparts=/dev/null",
      `Dir::State=${join(scratch, "state")}`,
      `Dir::State::status=${join(scratch, "status")}`,
      `Dir::Cache=${join(scratch, "cache")}`,
      "Acquire::AllowInsecureRepositories=false",
      "Acquire::Languages=none",
      // Its own user could not write into the folder of whoever runs this.
      "APT::Sandbox::User=",
      ...arches.map((arch) => `APT::Architectures::=${DEBIAN[arch]}`),
    ];
    this.#options = settings.flatMap((setting) => ["-o", setting]);
    run(["apt-get", ...this.#options, "-q", "update"]);
  }

  /** The newest kernel's package, with its architecture: the generic package depends on it. */
  newest(arch: string): string {
    const text = run(["apt-cache", ...this.#options, "depends", `linux-image-${arch}:${arch}`]);
    const name = /Depends: (linux-image-\S+)/.exec(text)?.[1];
    if (name === undefined) {
      throw new Problem(`Debian has no kernel for ${arch} any more: see SUITES in test/vm/fetch.ts`);
    }
    return name.includes(":") ? name : `${name}:${arch}`;
  }

  download(name: string, folder: string): void {
    run(["apt-get", ...this.#options, "-q", "download", name], folder);
  }
}

function fetchKernel(apt: Apt, arch: Arch, scratch: string): void {
  mkdirSync(scratch);
  const name = apt.newest(DEBIAN[arch]);
  console.log(`fetching ${name}`);
  apt.download(name, scratch);
  const [archive] = new Bun.Glob("*.deb").scanSync(scratch);
  if (archive === undefined) throw new Problem(`apt-get download ${name} left no file`);
  const wanted = [
    "./boot/vmlinuz-*",
    ...PLACES.map((place) => `./lib/modules/*/kernel/${place}/*`),
    "*/modules.builtin",
  ];
  const unpack = `dpkg-deb --fsys-tarfile "$1" | tar -x --wildcards ${wanted.map((w) => `'${w}'`).join(" ")}`;
  run(["bash", "-o", "pipefail", "-c", unpack, "unpack", archive], scratch);
  keep(arch, scratch);
}

/** Moves the kernel and its modules into the cache; the folder appears there complete or not at all. */
function keep(arch: Arch, scratch: string): void {
  const [image] = new Bun.Glob("boot/vmlinuz-*").scanSync(scratch);
  const [list] = new Bun.Glob("lib/modules/*/modules.builtin").scanSync(scratch);
  if (image === undefined || list === undefined) {
    throw new Problem("the kernel package has another form than expected");
  }
  const builtIn = moduleFiles(readFileSync(join(scratch, list), "utf8").split("\n"));
  const files = moduleFiles(
    [...new Bun.Glob("lib/**/*.ko").scanSync(scratch)].map((path) => join(scratch, path)),
  );
  const inKernel = new Set(builtIn.keys());
  const loads = Object.fromEntries(MODULES.map((name) => [name, loadOrder([name], files, inKernel)]));
  const kept = new Set(Object.values(loads).flat());
  const folder = kernelFolder(arch);
  mkdirSync(join(folder, ".."), { recursive: true });
  // Beside its place, so that the rename stays within one file system.
  const part = mkdtempSync(`${folder}-`);
  try {
    copyFileSync(join(scratch, image), join(part, "vmlinuz"));
    for (const name of kept) copyFileSync(files.get(name)!, join(part, `${name}.ko`));
    const version = image.slice("boot/vmlinuz-".length);
    writeFileSync(join(part, "kernel.json"), JSON.stringify({ version, loads }, null, 2) + "\n");
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
    console.log(`kept ${version} with ${kept.size} modules`);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** Runs a command to its end; its last line is the reason when it fails. Returns stdout. */
function run(words: string[], cwd?: string): string {
  if (Bun.which(words[0]!) === null) {
    throw new Problem(`${words[0]} is not installed: the kernels come from Debian's archive`);
  }
  const child = Bun.spawnSync(words, {
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "ignore",
    timeout: LIMIT_MS,
  });
  if (child.exitCode !== 0) {
    const why = child.stderr.toString().trim().split("\n").at(-1) || `it ended with ${child.exitCode}`;
    throw new Problem(`${words[0]} failed (${why}): connect to deb.debian.org and fetch again`);
  }
  return child.stdout.toString();
}

process.exitCode = main(process.argv.slice(2));
