// The notices in the program: complete, current, and a dependency without a licence does not get in.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BUN, STATIC } from "../../config/packaging/bundled.ts";
import { notices, NOTICES_FILE, npmParts } from "../../config/packaging/notices.ts";
import { baton, Image } from "../support/image.ts";

const TEXTS = join(import.meta.dir, "../../config/packaging/licenses");

test("the checked-in file is what the generator writes", () => {
  if (readFileSync(NOTICES_FILE, "utf8") !== notices()) {
    throw new Error("src/cli/licenses.txt is out of date: bun config/packaging/notices.ts");
  }
});

test("the program prints it, also to a reader that soon has enough", async () => {
  expect(await baton("licenses")).toEqual({ code: 0, out: notices(), error: "" });
  const pipe = Bun.spawnSync(["sh", "-c", `"$0" licenses | head -n 1`, process.env["BATON"] ?? "dist/baton"]);
  expect(pipe.stdout.toString()).toStartWith("baton is licensed under the MIT licence");
  expect(pipe.stderr.toString()).toBe("");
});

test("every npm package that is inside is there, with its licence", () => {
  const lock = JSON.parse(readFileSync(join(import.meta.dir, "../../package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; version: string }>;
  };
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  expect(shipped.length).toBeGreaterThan(3);
  const text = notices();
  for (const [path, { version }] of shipped) {
    expect(text).toContain(`--- ${path.replace("node_modules/", "")} ${version} (`);
  }
});

test("a dependency without a licence, or without its text, stops the build", () => {
  const depends = (dependencies: Record<string, string>) =>
    JSON.stringify({ version: "1.0.0", dependencies });
  const dependency = "node_modules/a/node_modules";
  using image = new Image({
    "package.json": depends({ a: "1" }),
    "node_modules/a/package.json": JSON.stringify({
      version: "1.0.0",
      license: "MIT",
      dependencies: { b: "1" },
    }),
    "node_modules/a/LICENSE": "text of a",
    "node_modules/b/package.json": JSON.stringify({ version: "2.0.0", license: "ISC" }),
    [`${dependency}/`]: "",
  });
  expect(() => npmParts(image.root)).toThrow(/^b has no licence, or no text of it/);
  image.write("node_modules/b/COPYING", "text of b");
  expect(npmParts(image.root)).toEqual([
    { name: "a", version: "1.0.0", licence: "MIT", text: "text of a" },
    { name: "b", version: "2.0.0", licence: "ISC", text: "text of b" },
  ]);
  image.write("node_modules/b/package.json", JSON.stringify({ version: "2.0.0" }));
  expect(() => npmParts(image.root)).toThrow(/^b has no licence/);
});

test("every full text is used, and the LGPL stands there with the way to relink", () => {
  const used = new Set([...BUN, ...STATIC].flatMap((part) => part.licences.map(String)));
  expect(readdirSync(TEXTS).map((name) => name.replace(/\.txt$/, "")).sort()).toEqual([...used].sort());
  const text = notices();
  expect(text).toContain("GNU LIBRARY GENERAL PUBLIC LICENSE");
  expect(text).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
  expect(text).toContain("npm run build:static");
  for (const { name } of [...BUN, ...STATIC]) expect(text).toContain(`\n${name}\n`);
});
