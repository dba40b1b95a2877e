// The bill of materials (CycloneDX 1.5, JSON) of the static executables: what is inside, which version, which licence.
//
// It has no time and no random serial number: the same sources give the same bytes.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Compiler } from "./compiler.ts";
import { ARCHES, MACHINES } from "./machine.ts";
import { RUNTIMES } from "./pinned.ts";
import { BuildProblem } from "./problem.ts";

const ROOT = join(import.meta.dir, "../..");

interface Component {
  type: "application" | "library";
  "bom-ref": string;
  name: string;
  version: string;
  description?: string;
  hashes?: { alg: "SHA-256" | "SHA-512"; content: string }[];
  licenses?: ({ license: { id: string } } | { expression: string })[];
  purl?: string;
}

interface LockedPackage {
  version: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
}

/** Parts of the runtime as `process.versions` names them, with their licences (SPDX). */
const RUNTIME_PARTS: Record<string, { name: string; license: string }> = {
  webkit: { name: "JavaScriptCore (WebKit)", license: "LGPL-2.0-or-later" },
  boringssl: { name: "BoringSSL", license: "OpenSSL" },
  libarchive: { name: "libarchive", license: "BSD-2-Clause" },
  mimalloc: { name: "mimalloc", license: "MIT" },
  picohttpparser: { name: "picohttpparser", license: "MIT" },
  uwebsockets: { name: "uWebSockets", license: "Apache-2.0" },
  zlib: { name: "zlib (Cloudflare)", license: "Zlib" },
  tinycc: { name: "TinyCC", license: "LGPL-2.1-or-later" },
  lolhtml: { name: "lol-html", license: "BSD-3-Clause" },
  ares: { name: "c-ares", license: "MIT" },
  libdeflate: { name: "libdeflate", license: "MIT" },
  lshpack: { name: "ls-hpack", license: "MIT" },
  zstd: { name: "Zstandard", license: "BSD-3-Clause" },
};

/** Writes the bill. Throws a BuildProblem when a package of package-lock.json says no licence. */
export function writeBill(file: string): void {
  writeFileSync(file, JSON.stringify(bill(), null, 2) + "\n");
}

/** The bill as an object. Throws a BuildProblem. */
export function bill(): object {
  const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  const components = [...runtime(), ...cLibraries(), ...packages()];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": own.name,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: "MIT" } }],
      },
    },
    components,
    dependencies: [{ ref: own.name, dependsOn: components.map((c) => c["bom-ref"]) }],
  };
}

function runtime(): Component[] {
  const bun = ARCHES.map((arch): Component => ({
    type: "application",
    "bom-ref": `bun-${arch}`,
    name: RUNTIMES[arch].package,
    version: Bun.version,
    description: `the runtime in baton-linux-${arch}`,
    hashes: [{ alg: "SHA-256", content: RUNTIMES[arch].sha256 }],
    licenses: [{ license: { id: "MIT" } }],
    purl: npmUrl(RUNTIMES[arch].package, Bun.version),
  }));
  const parts = Object.entries(RUNTIME_PARTS).flatMap(([key, { name, license }]): Component[] => {
    const version = process.versions[key];
    if (version === undefined) return [];
    return [{
      type: "library",
      "bom-ref": `bun/${key}`,
      name,
      version,
      description: "part of the runtime",
      licenses: [{ license: { id: license } }],
    }];
  });
  return [...bun, ...parts];
}

/** The C library that each installed compiler brings. */
function cLibraries(): Component[] {
  return ARCHES.filter((arch) => existsSync(`dist/baton-linux-${arch}`)).map((arch) => {
    const { version, release } = new Compiler(MACHINES[arch]).libcVersion();
    return {
      type: "library",
      "bom-ref": `glibc-${arch}`,
      name: "GNU C Library",
      version,
      description: `${release}, linked into baton-linux-${arch}`,
      licenses: [{ license: { id: "LGPL-2.1-or-later" } }],
    };
  });
}

/** What package-lock.json has beside development tools. */
function packages(): Component[] {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true).map(
    ([path, found]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      if (found.license === undefined || found.integrity === undefined) {
        throw new BuildProblem(`package-lock.json says no licence or no hash of ${name}: run npm install`);
      }
      return {
        type: "library",
        "bom-ref": `npm/${name}`,
        name,
        version: found.version,
        hashes: [{
          alg: "SHA-512",
          content: Buffer.from(found.integrity.slice("sha512-".length), "base64").toString("hex"),
        }],
        licenses: [
          /[ (]/.test(found.license) ? { expression: found.license } : { license: { id: found.license } },
        ],
        purl: npmUrl(name, found.version),
      };
    },
  );
}

/** Package URL (purl specification, type npm): the scope's @ is escaped. */
function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
