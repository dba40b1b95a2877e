// What of the process itself a reload cannot change.
import { expect, test } from "bun:test";
import type { Config } from "../../../src/config/model.ts";
import type { Log } from "../../../src/control/log.ts";
import { staysAsItIs } from "../../../src/control/process.ts";
import { DAEMON } from "./daemon_settings.ts";

test("a mask stays, and is told of as it is written", () => {
  const said: string[] = [];
  const log = { write: (_level: string, text: string) => said.push(text) } as unknown as Log;
  const running = { ...DAEMON, umask: 0o22, name: "joe" };
  const wanted = { ...DAEMON, umask: 0o77, name: null, dumpNames: true };
  const { daemon } = staysAsItIs(running, { daemon: wanted } as Config, log);
  expect(daemon).toEqual({ ...running, dumpNames: true });
  expect(said).toEqual([
    "instance cannot change at a reload: joe stays until a restart",
    "umask cannot change at a reload: 022 stays until a restart",
  ]);
});
