// The Bun version that the relinker was checked with, and the hashes of its runtimes.
import type { Arch } from "./machine.ts";

/**
 * After a change of Bun: run `npm run build:static`, `bun test/run.ts static` and, if all is well, put the new
 * version and the new hashes (sha256sum of package/bin/bun in the npm package) here.
 */
export const CHECKED_BUN = "1.4.5";

export interface Runtime {
  /** In the npm registry; package-lock.json has the hash of its archive. */
  package: string;
  /** SHA-256 of the executable in it. */
  sha256: string;
}

export const RUNTIMES: Record<Arch, Runtime> = {
  x64: {
    package: "@oven/bun-linux-x64",
    sha256: "f05d28a3862f4b84395c7fa32480b835dd47482e80b7e7a49a115227f0c06083",
  },
  arm64: {
    package: "@oven/bun-linux-aarch64",
    sha256: "04778f1f42399a69d086853e9c7af4acf574b2f21a43d0dc673853d8b84a2923",
  },
};
