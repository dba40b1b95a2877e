// The Debian packages: baton for each machine, and baton-keepalived, which takes the place of keepalived.
//
// dpkg-deb writes them: it is kept well, and reproducible once every time in the tree is set.
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { lstatSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import unit from "../../src/cli/install/baton.service" with { type: "text" };
import { CHANGELOG, type Release } from "./release.ts";
import { gzip, text } from "./tar.ts";

export interface Contents {
  program: Uint8Array;
  manual: string;
  /** Licences of everything inside. */
  notices: string;
  /** Sample configurations by name. */
  samples: Record<string, string>;
}

/** How dpkg-deb packs: small, or quickly (for tests). */
export type Effort = "small" | "quick";

/** Names of machines in Debian. */
export const DEBIAN_ARCH = { x64: "amd64", arm64: "arm64" } as const;

/** Makes `baton_VERSION_ARCH.deb` in `out`. Returns its name. */
export function debPackage(
  arch: keyof typeof DEBIAN_ARCH,
  contents: Contents,
  release: Release,
  out: string,
  effort: Effort,
): string {
  const doc = "usr/share/doc/baton";
  const files: Record<string, File> = {
    "usr/sbin/baton": { data: contents.program, mode: 0o755 },
    "usr/lib/systemd/system/baton.service": { data: text(unit.replace("`baton install`", "the package")) },
    "usr/share/man/man8/baton.8.gz": { data: gzip(text(contents.manual)) },
    [`${doc}/changelog.gz`]: { data: gzip(text(CHANGELOG)) },
    [`${doc}/copyright`]: { data: text(contents.notices) },
    "etc/baton/": {},
  };
  for (const [name, sample] of Object.entries(contents.samples)) {
    files[`${doc}/examples/${name}`] = { data: text(sample) };
  }
  const scripts = Object.fromEntries(
    ["postinst", "prerm", "postrm"].map((
      name,
    ) => [name, readFileSync(join(import.meta.dir, "debian", name), "utf8")]),
  );
  return build(
    {
      Package: "baton",
      Version: release.version,
      Architecture: DEBIAN_ARCH[arch],
      Maintainer: release.maintainer,
      Suggests: "iproute2",
      Section: "net",
      Priority: "optional",
      Description: "VRRP daemon: two or more machines keep one shared address alive\n" +
        " Reads the keepalived.conf that is already there. One static executable. Nothing is started at the\n" +
        " installation, and a keepalived on the same machine is left alone.",
    },
    files,
    scripts,
    release,
    out,
    effort,
  );
}

/**
 * Makes `baton-keepalived_VERSION_all.deb` in `out`: the command and the service called keepalived, for other
 * packages and for people's habits. Returns its name.
 */
export function keepalivedPackage(release: Release, licence: string, out: string): string {
  const doc = "usr/share/doc/baton-keepalived";
  return build(
    {
      Package: "baton-keepalived",
      Version: release.version,
      Architecture: "all",
      Maintainer: release.maintainer,
      Depends: `baton (>= ${release.version})`,
      Provides: "keepalived",
      Conflicts: "keepalived",
      Replaces: "keepalived",
      Section: "net",
      Priority: "optional",
      Description: "baton in the place of keepalived: its command and its service\n" +
        " The links keepalived and keepalived.service lead to baton, which takes keepalived's command line and\n" +
        " configuration. VRRP only: there is no IPVS in it.",
    },
    {
      "usr/sbin/keepalived": { target: "baton" },
      "usr/lib/systemd/system/keepalived.service": { target: "baton.service" },
      "usr/share/man/man8/keepalived.8.gz": { target: "baton.8.gz" },
      [`${doc}/changelog.gz`]: { data: gzip(text(CHANGELOG)) },
      [`${doc}/copyright`]: { data: text(licence) },
    },
    {},
    release,
    out,
    "small",
  );
}

/** A file, a link, or (its path ends with a slash) a directory. */
interface File {
  data?: Uint8Array;
  mode?: number;
  target?: string;
}

function build(
  fields: Record<string, string>,
  files: Record<string, File>,
  scripts: Record<string, string>,
  { seconds }: Release,
  out: string,
  effort: Effort,
): string {
  const tree = mkdtempSync(join(tmpdir(), "baton-deb-"));
  try {
    const digests: string[] = [];
    let bytes = 0;
    for (
      const [path, { data, mode = 0o644, target }] of Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1)
    ) {
      const full = join(tree, path);
      directories(path.endsWith("/") ? full : dirname(full));
      if (target !== undefined) symlinkSync(target, full);
      if (data === undefined) continue;
      write(full, data, mode);
      bytes += data.length;
      digests.push(`${new Bun.CryptoHasher("md5").update(data).digest("hex")}  ${path}\n`);
    }
    const { Description: description, ...others } = fields;
    const control = {
      ...others,
      "Installed-Size": String(Math.ceil(bytes / 1024)),
      Description: description!,
    };
    directories(join(tree, "DEBIAN"));
    write(
      join(tree, "DEBIAN/control"),
      text(Object.entries(control).map(([name, value]) => `${name}: ${value}\n`).join("")),
      0o644,
    );
    write(join(tree, "DEBIAN/md5sums"), text(digests.join("")), 0o644);
    for (const [name, script] of Object.entries(scripts)) {
      write(join(tree, "DEBIAN", name), text(script), 0o755);
    }
    chmodSync(tree, 0o755);
    setTimes(tree, seconds);
    const name = `${fields.Package}_${fields.Version}_${fields.Architecture}.deb`;
    pack(tree, join(out, name), seconds, effort);
    return name;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function pack(tree: string, file: string, seconds: number, effort: Effort): void {
  // One thread: how many there are changes what xz writes.
  const packing = effort === "small" ? ["-Zxz", "-z6"] : ["-Zgzip", "-z1"];
  const words = ["dpkg-deb", "--root-owner-group", "--threads-max=1", ...packing, "--build", tree, file];
  let run;
  try {
    run = Bun.spawnSync(words, { env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds), LC_ALL: "C" } });
  } catch {
    throw new Error(
      "dpkg-deb is not installed: it makes the Debian packages (apt-get install dpkg, or on Fedora dpkg)",
    );
  }
  if (run.exitCode !== 0) throw new Error(`dpkg-deb failed: ${run.stderr.toString().trim()}`);
}

/** Modes are set by hand: the umask of who builds must not matter. */
function write(path: string, data: Uint8Array, mode: number): void {
  writeFileSync(path, data);
  chmodSync(path, mode);
}

function directories(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  directories(dirname(path));
  mkdirSync(path);
  chmodSync(path, 0o755);
}

function setTimes(path: string, seconds: number): void {
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path)) setTimes(join(path, name), seconds);
  }
  lutimesSync(path, seconds, seconds);
}
