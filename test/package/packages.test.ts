// What npm run package makes: complete, valid by the tools of each format, and the same bytes each time.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { manualPage } from "../../config/packaging/manual.ts";
import { release } from "../../config/packaging/release.ts";
import { tar, text } from "../../config/packaging/tar.ts";
import { VERSION } from "../../src/version.ts";
import { command, type Done } from "../support/image.ts";
import { needs } from "../support/peer.ts";

const SCRIPT = join(import.meta.dir, "../../config/packaging/package.ts");
const PROGRAMS = { x64: "\x7fELF for x64", arm64: "\x7fELF for arm64" } as const;
const OCI = `baton-${VERSION}-oci`;
const haveDpkg = needs("dpkg-deb", "dpkg");

let base = "";
let out = "";

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "baton-packages-"));
  for (const [machine, data] of Object.entries(PROGRAMS)) writeFileSync(join(base, machine), data);
  out = join(base, "out");
  if (haveDpkg) expect(await make(out)).toMatchObject({ code: 0, error: "" });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Makes all packages of two small programs. */
async function make(folder: string, ...more: string[]): Promise<Done> {
  const programs = ["--x64", join(base, "x64"), "--arm64", join(base, "arm64")];
  return await command(process.execPath, SCRIPT, "--out", folder, ...programs, ...more);
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).filter((name) =>
    statSync(join(folder, name)).isFile()
  )
    .sort();
}

describe.skipIf(!haveDpkg)("all packages", () => {
  test("are there, and the same bytes the second time, with another umask and at another place", async () => {
    expect(files(out).filter((name) => !name.startsWith(OCI))).toEqual([
      `baton-${VERSION}-linux-arm64.tar.gz`,
      `baton-${VERSION}-linux-x64.tar.gz`,
      `baton-keepalived_${VERSION}_all.deb`,
      "baton.8",
      `baton_${VERSION}_amd64.deb`,
      `baton_${VERSION}_arm64.deb`,
    ]);
    const again = join(base, "again");
    const umask = process.umask(0o077);
    try {
      expect(await make(again)).toMatchObject({ code: 0 });
    } finally {
      process.umask(umask);
    }
    expect(files(again)).toEqual(files(out));
    for (const name of files(out)) {
      if (!readFileSync(join(again, name)).equals(readFileSync(join(out, name)))) {
        throw new Error(`${name} differs`);
      }
    }
  });

  test("bear SOURCE_DATE_EPOCH, and no other time", async () => {
    const later = join(base, "later");
    const programs = ["--x64", join(base, "x64"), "--arm64", join(base, "arm64")];
    // 2100-01-01: no clock is there yet.
    const epoch = "SOURCE_DATE_EPOCH=4102444800";
    expect((await command("env", epoch, process.execPath, SCRIPT, "--out", later, ...programs)).code).toBe(0);
    const deb = await command("dpkg-deb", "--contents", join(later, `baton_${VERSION}_amd64.deb`));
    const stem = `baton-${VERSION}-linux-x64.tar.gz`;
    const tarball = await command("tar", "--utc", "-tvzf", join(later, stem));
    const lines = `${deb.out}${tarball.out}`.trim().split("\n");
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => !line.includes(" 2100-01-01 00:00"))).toEqual([]);
    expect(readFileSync(join(later, "baton.8"), "utf8")).toStartWith(".Dd January 1, 2100\n");
  });

  test("need both programs, and say how to get them", async () => {
    const done = await make(join(base, "none"), "--arm64", join(base, "nothing"));
    expect(done.code).toBe(1);
    expect(done.error).toBe(
      `npm run package: ${join(base, "nothing")} does not exist: make it with npm run build:static\n`,
    );
    expect(existsSync(join(base, "none"))).toBe(false);
  });
});

describe.skipIf(!haveDpkg)("Debian packages", () => {
  for (const [machine, arch] of [["x64", "amd64"], ["arm64", "arm64"]] as const) {
    test(arch, async () => {
      const deb = join(out, `baton_${VERSION}_${arch}.deb`);
      const contents = await command("dpkg-deb", "--contents", deb);
      const listed = contents.out.trim().split("\n").map((line) => line.split(/\s+/));
      expect(new Set(listed.map((words) => words[1]))).toEqual(new Set(["root/root"]));
      const paths = Object.fromEntries(listed.map((words) => [words[5]!, words[0]!]));
      expect(paths).toMatchObject({
        "./usr/sbin/baton": "-rwxr-xr-x",
        "./usr/lib/systemd/system/baton.service": "-rw-r--r--",
        "./usr/share/man/man8/baton.8.gz": "-rw-r--r--",
        "./usr/share/doc/baton/copyright": "-rw-r--r--",
        "./usr/share/doc/baton/changelog.gz": "-rw-r--r--",
        "./usr/share/doc/baton/examples/keepalived.conf": "-rw-r--r--",
        "./etc/baton/": "drwxr-xr-x",
      });
      // keepalived's own path, and every configuration, belong to somebody else.
      expect(
        Object.keys(paths).filter((path) => path.endsWith("/keepalived") || path.startsWith("./etc/baton/b")),
      ).toEqual([]);
      const control = (await command("dpkg-deb", "--field", deb)).out;
      expect(control).toContain(`Package: baton\nVersion: ${VERSION}\nArchitecture: ${arch}\n`);
      expect(control).not.toMatch(/^(Conflicts|Provides|Replaces|Depends):/m);
      const unpacked = join(base, `unpacked-${arch}`);
      expect((await command("dpkg-deb", "--raw-extract", deb, unpacked)).code).toBe(0);
      expect(readFileSync(join(unpacked, "usr/sbin/baton"), "utf8")).toBe(PROGRAMS[machine]);
      const sums = await command("sh", "-c", `cd ${unpacked} && md5sum --quiet --check DEBIAN/md5sums`);
      expect(sums).toEqual({ code: 0, out: "", error: "" });
      expect(statSync(join(unpacked, "usr/sbin/baton")).mtimeMs / 1000).toBe(release().seconds);
    });
  }

  test("baton-keepalived takes the place of keepalived, and only it does", async () => {
    const deb = join(out, `baton-keepalived_${VERSION}_all.deb`);
    const control = (await command("dpkg-deb", "--field", deb)).out;
    expect(control).toContain("Provides: keepalived\nConflicts: keepalived\nReplaces: keepalived\n");
    expect(control).toContain(`Depends: baton (>= ${VERSION})\n`);
    expect((await command("dpkg-deb", "--contents", deb)).out).toContain("./usr/sbin/keepalived -> baton\n");
  });
});

describe.skipIf(!haveDpkg)("tarballs", () => {
  for (const machine of ["x64", "arm64"] as const) {
    test(machine, async () => {
      const stem = `baton-${VERSION}-linux-${machine}`;
      const done = await command(
        "tar",
        "--list",
        "--verbose",
        "--full-time",
        "--utc",
        "-zf",
        join(out, `${stem}.tar.gz`),
      );
      expect(done).toMatchObject({ code: 0, error: "" });
      const lines = done.out.trim().split("\n");
      expect(lines.map((line) => line.split(/\s+/).at(-1))).toEqual([
        `${stem}/`,
        `${stem}/baton`,
        `${stem}/baton.8`,
        `${stem}/examples/`,
        `${stem}/examples/baton.yaml`,
        `${stem}/examples/keepalived.conf`,
        `${stem}/licenses.txt`,
      ]);
      expect(lines[1]).toStartWith("-rwxr-xr-x root/root");
      const read = await command("tar", "-xzOf", join(out, `${stem}.tar.gz`), `${stem}/baton`);
      expect(read.out).toBe(PROGRAMS[machine]);
      // gzip: no name (FLG), no time (MTIME).
      expect([...readFileSync(join(out, `${stem}.tar.gz`)).subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
    });
  }

  test("long names, links and directories are understood by tar", async () => {
    const folder = join(base, "tar");
    mkdirSync(folder);
    const long = `${"d".repeat(90)}/${"f".repeat(90)}`;
    const archive = tar([
      { path: long, mode: 0o600, data: text("x".repeat(513)) },
      { path: "a/link", target: "../b" },
      { path: "empty", directory: true },
    ], 1);
    writeFileSync(join(folder, "a.tar"), archive);
    expect(await command("tar", "-xf", join(folder, "a.tar"), "-C", folder)).toEqual({
      code: 0,
      out: "",
      error: "",
    });
    expect(readFileSync(join(folder, long), "utf8")).toBe("x".repeat(513));
    expect(statSync(join(folder, long)).mode & 0o7777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(["a", "a.tar", "d".repeat(90), "empty"]);
    expect(() => tar([{ path: "x".repeat(120), mode: 0o644, data: text("") }], 1)).toThrow("does not fit");
  });
});

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { architecture: string; os: string };
}

describe.skipIf(!haveDpkg)("the container image", () => {
  const seen = new Set<string>();

  /** The bytes behind a descriptor, compared with what it says of them. */
  function blob({ digest, size }: Descriptor): Buffer {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
    expect(hex).toBeDefined();
    const data = readFileSync(join(out, OCI, "blobs/sha256", hex!));
    expect(data.length).toBe(size);
    expect(new Bun.CryptoHasher("sha256").update(data).digest("hex")).toBe(hex!);
    seen.add(hex!);
    return data;
  }

  const json = (descriptor: Descriptor) => JSON.parse(blob(descriptor).toString());

  test("has an index of both machines; every digest and size is right, and no blob is left over", async () => {
    const layout = JSON.parse(readFileSync(join(out, OCI, "oci-layout"), "utf8"));
    expect(layout).toEqual({ imageLayoutVersion: "1.0.0" });
    const top = JSON.parse(readFileSync(join(out, OCI, "index.json"), "utf8"));
    expect(top).toMatchObject({ schemaVersion: 2 });
    expect(top.manifests).toHaveLength(1);
    const index = json(top.manifests[0]);
    expect(index.manifests.map((m: Descriptor) => m.platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
    ]);
    for (const [i, machine] of (["x64", "arm64"] as const).entries()) {
      const manifest = json(index.manifests[i]);
      expect(manifest.mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
      const config = json(manifest.config);
      expect(config).toMatchObject(index.manifests[i].platform);
      expect(config.config).toMatchObject({ Entrypoint: ["/baton"], Cmd: ["run"] });
      expect(manifest.layers).toHaveLength(1);
      const layer = gunzipSync(blob(manifest.layers[0]));
      const diff = new Bun.CryptoHasher("sha256").update(layer).digest("hex");
      expect(config.rootfs).toEqual({ type: "layers", diff_ids: [`sha256:${diff}`] });
      const file = join(base, `layer-${machine}.tar`);
      writeFileSync(file, layer);
      expect((await command("tar", "-xOf", file, "baton")).out).toBe(PROGRAMS[machine]);
      const names = (await command("tar", "-tf", file)).out.trim().split("\n");
      expect(names.filter((name) => /^\/|\.\./.test(name))).toEqual([]);
    }
    expect([...seen].sort()).toEqual(readdirSync(join(out, OCI, "blobs/sha256")).sort());
  });

  test("is the same as a tar", async () => {
    const folder = join(base, "oci-tar");
    mkdirSync(folder);
    expect((await command("tar", "-xf", join(out, `${OCI}.tar`), "-C", folder)).code).toBe(0);
    expect((await command("diff", "-r", folder, join(out, OCI))).out).toBe("");
    expect(files(folder)).toEqual(files(join(out, OCI)));
  });
});

describe.skipIf(!haveDpkg || !needs("mandoc", "mandoc"))("the manual page", () => {
  test("pleases mandoc", async () => {
    const done = await command("mandoc", "-T", "lint", "-W", "all", join(out, "baton.8"));
    // Pages of other packages may not be installed here.
    expect(done.out.split("\n").filter((line) => line !== "" && !/manual not found|mandoc\.db/.test(line)))
      .toEqual([]);
  });

  test("names every command and every option that the program has", async () => {
    const page = (await command("mandoc", "-T", "ascii", join(out, "baton.8"))).out.replace(/.[\b]/g, "");
    const main = join(import.meta.dir, "../../src/main.ts");
    const overview = (await command(process.execPath, main, "help")).out;
    const names = [...overview.matchAll(/^ {2}baton (\w+)/gm)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      expect(page).toContain(`baton ${name}`);
      const help = ["help", "version"].includes(name)
        ? ""
        : (await command(process.execPath, main, name, "--help")).out;
      for (const [option] of help.matchAll(/--[a-z][\w-]+/g)) expect(page).toContain(option);
    }
  });
});

test("words of a help text that roff would take for its own stay words", () => {
  const help = "baton x: does it\n\n.hidden files and 'quotes' and a \\ stay.\n\n  -a, --all FILE  all of\n" +
    "                  .them\n      --none      nothing\n";
  const page = manualPage([{ name: "x", summary: "s", help }], 0);
  const at = page.indexOf(".Ss baton x\n");
  expect(page.slice(at, page.indexOf(".Sh", at)).split("\n")).toEqual([
    ".Ss baton x",
    "Does it.",
    ".Pp",
    "\\&.hidden files and 'quotes' and a \\e stay.",
    ".Bl -tag -width Ds",
    ".It Fl a , Fl \\-all Ar FILE",
    "all of .them",
    ".It Fl \\-none",
    "nothing",
    ".El",
    "",
  ]);
});

describe("the date of a release", () => {
  const entry = "baton (1.2.3) x; urgency=low\n\n  * y\n\n -- A <a@b>  Thu, 01 Jan 1970 00:01:00 +0000\n";

  test("is that of the changelog, or SOURCE_DATE_EPOCH", () => {
    expect(release(entry, undefined, "1.2.3")).toEqual({
      version: "1.2.3",
      maintainer: "A <a@b>",
      seconds: 60,
    });
    expect(release(entry, "7", "1.2.3").seconds).toBe(7);
    expect(release().version).toBe(VERSION);
  });

  test("a version without an entry, and an epoch that is none, are refused", () => {
    expect(() => release(entry, undefined, "1.2.4")).toThrow(
      "does not begin with version 1.2.4 and its date",
    );
    expect(() => release(entry, "soon", "1.2.3")).toThrow("SOURCE_DATE_EPOCH=soon is not a number");
  });
});
