// dist/SHA256SUMS: the hashes of what was built for others, as sha256sum -c reads them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Lists the static executables and their bill of materials that are in `directory` now. */
export function writeSums(directory: string): void {
  const files = [...new Bun.Glob("{baton-linux-x64,baton-linux-arm64,baton.cdx.json}").scanSync(directory)]
    .sort();
  const rows = files.map((file) => {
    const hash = new Bun.CryptoHasher("sha256").update(readFileSync(join(directory, file))).digest("hex");
    return `${hash}  ${file}\n`;
  });
  writeFileSync(join(directory, "SHA256SUMS"), rows.join(""));
}
