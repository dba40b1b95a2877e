// One image on a machine without a network card: the static file is process 1 and stays it.
import { expect, test } from "bun:test";
import type { Arch } from "../../native/static/machine.ts";
import { instance } from "../support/conf.ts";
import { TEST_MS } from "./limits.ts";
import type { Parts } from "./machine.ts";
import { Rack } from "./rack.ts";
import { ready } from "./ready.ts";

const STARTS = /baton \S+ starts with \/etc\/keepalived\/keepalived\.conf/;

/** The image and nothing else, compressed as on flash. */
function bare(arch: Arch): Parts {
  return { name: "alone", arch, configuration: instance({}), hardware: null, bed: null, compressed: true };
}

test.skipIf(!ready("x64"))("x64: the static file and keepalived.conf are all that it takes", async () => {
  await using rack = new Rack();
  const router = rack.add(bare("x64")).start();
  await router.says(STARTS);
  expect(await router.enters("FAULT")).toContain("eth0");
  await router.pressCtrlAltDel();
  expect(await router.ended()).toBe(0);
  expect(router.console).toContain("the machine restarts");
  // Process 1 found or made its file systems, and the daemon ended once: when it was told to.
  expect(router.console).not.toContain("cannot be mounted");
  expect(router.console).not.toContain("started again");
}, TEST_MS);

test.skipIf(!ready("arm64"))("arm64: the static file and keepalived.conf are all that it takes", async () => {
  await using rack = new Rack();
  const router = rack.add(bare("arm64")).start();
  await router.says(STARTS);
  expect(await router.enters("FAULT")).toContain("eth0");
  expect(router.console).not.toContain("cannot be mounted");
}, TEST_MS);

test.skipIf(!ready("x64"))("a daemon that is killed is started again by process 1", async () => {
  await using rack = new Rack();
  const router = rack.add({
    ...bare("x64"),
    compressed: false,
    bed: { modules: [], steps: ["up lo"] },
    configuration: 'vrrp_script killer {\n  script "/bed/init kill-parent"\n  user 0\n}\n' +
      instance({ interface: "lo", lines: ["track_script {", "killer", "}"] }),
  }).start();
  await router.says(STARTS);
  const before = router.mark();
  await router.says(/baton: init: the program has died of signal 9 and is started again/, before);
  await router.says(STARTS, before);
}, TEST_MS);
