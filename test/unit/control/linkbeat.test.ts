// Polled links where the kernel refuses to be asked.
import { expect, test } from "bun:test";

/** Follows an interface while no descriptor is left, and again; prints what was said. */
const PROGRAM = `
  import { closeSync, openSync } from "node:fs";
  const { Linkbeats } = await import("${import.meta.dir}/../../../src/control/linkbeat.ts");
  const said = [];
  const log = { write: (level, text) => said.push(level + ": " + text) };
  const linkbeats = new Linkbeats(log, ({ interface: name, up }) => said.push(name + " " + up));
  const config = { linkbeat: [{ interface: "lo", method: "IOCTL" }] };
  const taken = [];
  try {
    for (;;) taken.push(openSync("/dev/null"));
  } catch {}
  linkbeats.follow(config);
  for (const fd of taken) closeSync(fd);
  linkbeats.follow(config);
  linkbeats.stop();
  console.log(said.join("\\n"));
`;

test("without a descriptor it is said, and the next reload tries again", () => {
  const words = ["sh", "-c", 'ulimit -n 128; exec "$0" -e "$1"', process.execPath, PROGRAM];
  const child = Bun.spawnSync(words, { stderr: "pipe", timeout: 20_000 });
  const [forgotten, refused, polled] = child.stdout.toString().trim().split("\n");
  expect(child.stderr.toString()).toBe("");
  expect(forgotten).toBe("lo null");
  expect(refused).toMatch(
    /^warning: linkbeat: .*EMFILE.*; until a reload the kernel's word on the links is taken$/,
  );
  expect(polled).toMatch(/^info: linkbeat: lo has (a|no) link \(IOCTL\)$/);
});
