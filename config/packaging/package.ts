// npm run package: Debian packages, tarballs, a container image and the manual page, into dist/.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { debPackage, type Effort, keepalivedPackage } from "./debian.ts";
import { askForHelp, manualPage } from "./manual.ts";
import { notices, NOTICES_FILE } from "./notices.ts";
import { ociImage } from "./oci.ts";
import { type Release, release } from "./release.ts";
import { type Entry, gzip, tar, text } from "./tar.ts";

const ROOT = join(import.meta.dir, "../..");
const MACHINES = ["x64", "arm64"] as const;
type Machine = typeof MACHINES[number];

/** What goes into every package. */
interface Common {
  manual: string;
  notices: string;
  samples: Record<string, string>;
  release: Release;
  out: string;
  effort: Effort;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      // Where the packages go, and which executables are packed.
      out: { type: "string", default: join(ROOT, "dist") },
      x64: { type: "string", default: join(ROOT, "dist/baton-linux-x64") },
      arm64: { type: "string", default: join(ROOT, "dist/baton-linux-arm64") },
      // Packs less tightly, for tests.
      quick: { type: "boolean", default: false },
    },
  });
  const programs: Partial<Record<Machine, Uint8Array>> = {};
  for (const machine of MACHINES) {
    const file = resolve(values[machine]);
    if (!existsSync(file)) throw new Error(`${file} does not exist: make it with npm run build:static`);
    programs[machine] = readFileSync(file);
  }
  const current = notices();
  if (readFileSync(NOTICES_FILE, "utf8") !== current) {
    throw new Error("src/cli/licenses.txt is out of date: bun config/packaging/notices.ts, then build again");
  }
  mkdirSync(values.out, { recursive: true });
  const dated = release();
  const common: Common = {
    manual: manualPage(askForHelp([process.execPath, join(ROOT, "src/main.ts")]), dated.seconds),
    notices: current,
    samples: Object.fromEntries(
      ["keepalived.conf", "baton.yaml"].map((
        name,
      ) => [name, readFileSync(join(ROOT, "config", name), "utf8")]),
    ),
    release: dated,
    out: values.out,
    effort: values.quick ? "quick" : "small",
  };
  const made = ["baton.8", ...everything(programs, common)];
  writeFileSync(join(values.out, "baton.8"), common.manual);
  for (const name of made) console.log(`made ${join(values.out, name)}`);
}

function everything(programs: Partial<Record<Machine, Uint8Array>>, common: Common): string[] {
  const { release, out, effort, notices } = common;
  const names: string[] = [];
  // 9 takes three times as long as 6, for half a percent.
  const level = effort === "small" ? 6 : 1;
  for (const machine of MACHINES) {
    const program = programs[machine];
    if (program === undefined) continue;
    names.push(debPackage(machine, { ...common, program }, release, out, effort));
    names.push(tarball(machine, program, common, level));
  }
  names.push(keepalivedPackage(release, readFileSync(join(ROOT, "LICENSE"), "utf8"), out));
  const image = `baton-${release.version}-oci`;
  ociImage({ programs, notices, release, level }, join(out, image));
  names.push(image, `${image}.tar`);
  return names;
}

function tarball(machine: Machine, program: Uint8Array, common: Common, level: number): string {
  const { release, manual, notices, samples, out } = common;
  const stem = `baton-${release.version}-linux-${machine}`;
  const texts: Record<string, string> = {
    "baton.8": manual,
    "licenses.txt": notices,
    ...Object.fromEntries(Object.entries(samples).map(([name, sample]) => [`examples/${name}`, sample])),
  };
  const entries: Entry[] = [
    { path: `${stem}/baton`, mode: 0o755, data: program },
    ...Object.entries(texts).map(([name, value]) => ({
      path: `${stem}/${name}`,
      mode: 0o644,
      data: text(value),
    })),
  ];
  writeFileSync(join(out, `${stem}.tar.gz`), gzip(tar(entries, release.seconds), level));
  return `${stem}.tar.gz`;
}

try {
  main();
} catch (error) {
  console.error(`npm run package: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
