// A container image from scratch, as an OCI image layout: one index, an image for each machine.
//
// opencontainers/image-spec v1.1: image-layout.md, image-index.md, manifest.md, config.md.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Release } from "./release.ts";
import { type Entry, gzip, tar, text } from "./tar.ts";

const TYPE = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;
/** Names of machines in OCI. */
const OCI_ARCH = { x64: "amd64", arm64: "arm64" } as const;

/** Names and numbers of users, for scripts that a user adds: the image has no C library that would know them. */
const PASSWD = "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n";
const GROUP = "root:x:0:\nnobody:x:65534:\n";

export interface OciOptions {
  programs: Partial<Record<keyof typeof OCI_ARCH, Uint8Array>>;
  notices: string;
  release: Release;
  /** Of gzip, 1 to 9. */
  level: number;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { architecture: string; os: "linux" };
  annotations?: Record<string, string>;
}

/** Writes the layout to the directory `out`, and the same as one tar to `out`.tar. */
export function ociImage(options: OciOptions, out: string): void {
  const { release, programs } = options;
  const blobs = new Map<string, Uint8Array>();
  const add = (mediaType: string, data: Uint8Array): Descriptor => {
    const hex = sha256(data);
    blobs.set(hex, data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  };
  const manifests = (Object.keys(OCI_ARCH) as (keyof typeof OCI_ARCH)[]).flatMap((arch) => {
    const program = programs[arch];
    if (program === undefined) return [];
    const platform = { architecture: OCI_ARCH[arch], os: "linux" as const };
    return [{ ...image(program, platform, options, add), platform }];
  });
  const annotations = {
    "org.opencontainers.image.title": "baton",
    "org.opencontainers.image.description": "VRRP daemon: two or more machines keep one shared address alive",
    "org.opencontainers.image.version": release.version,
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.created": new Date(release.seconds * 1000).toISOString(),
  };
  // One entry in index.json: tools that copy a layout by its tag take the index, and with it both images.
  const inner = add(TYPE.index, json({ schemaVersion: 2, mediaType: TYPE.index, manifests, annotations }));
  const named = { ...inner, annotations: { "org.opencontainers.image.ref.name": release.version } };
  const entries: Entry[] = [
    { path: "oci-layout", mode: 0o644, data: json({ imageLayoutVersion: "1.0.0" }) },
    {
      path: "index.json",
      mode: 0o644,
      data: json({ schemaVersion: 2, mediaType: TYPE.index, manifests: [named] }),
    },
    ...[...blobs].map(([hex, data]) => ({ path: `blobs/sha256/${hex}`, mode: 0o644, data })),
  ];
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "blobs/sha256"), { recursive: true });
  for (const entry of entries) if ("data" in entry) writeFileSync(join(out, entry.path), entry.data);
  writeFileSync(`${out}.tar`, tar(entries, release.seconds));
}

function image(
  program: Uint8Array,
  platform: { architecture: string; os: "linux" },
  { notices, release, level }: OciOptions,
  add: (mediaType: string, data: Uint8Array) => Descriptor,
): Descriptor {
  const layer = tar([
    { path: "baton", mode: 0o755, data: program },
    { path: "licenses.txt", mode: 0o644, data: text(notices) },
    { path: "etc/passwd", mode: 0o644, data: text(PASSWD) },
    { path: "etc/group", mode: 0o644, data: text(GROUP) },
    // Mount points: the configuration, and what the container runtime brings.
    ...["etc/baton", "etc/keepalived", "run", "proc", "sys", "dev"].map((path): Entry => ({
      path,
      directory: true,
    })),
  ], release.seconds);
  const created = new Date(release.seconds * 1000).toISOString();
  const config = add(
    TYPE.config,
    json({
      created,
      ...platform,
      config: {
        // Any of the default files may be mounted: run looks for all of them.
        Entrypoint: ["/baton"],
        Cmd: ["run"],
        WorkingDir: "/",
        StopSignal: "SIGTERM",
      },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created, created_by: "npm run package", comment: "from scratch" }],
    }),
  );
  const layers = [add(TYPE.layer, gzip(layer, level))];
  return add(TYPE.manifest, json({ schemaVersion: 2, mediaType: TYPE.manifest, config, layers }));
}

function json(value: unknown): Uint8Array {
  return text(JSON.stringify(value));
}

function sha256(data: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(data).digest("hex");
}
