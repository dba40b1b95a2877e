// Dumps are a help to others: none that is not wanted is made, and one that cannot be made harms nobody.
import { expect, test } from "bun:test";
import { Dumps } from "../../../src/control/dumps.ts";
import { Log } from "../../../src/control/log.ts";
import { SavedConfigurations } from "../../../src/control/saved.ts";

test("without config_save_dir a reload asks for no data dump", () => {
  const saved = new SavedConfigurations();
  const data = () => {
    throw new Error("the kernel was asked");
  };
  expect(saved.dump(null, "pre", data)).toBeNull();
  expect(saved.dump(null, "post", data)).toBeNull();
});

test("a dump that cannot be made is a line in the log", () => {
  const said: string[] = [];
  const log = new Log({ format: "text", console: false, syslog: null, detail: false });
  log.write = (level, text) => void said.push(`${level}: ${text}`);
  const dumps = new Dumps(() => {
    throw new Error("no descriptor is left");
  }, log);
  expect(dumps.data()).toBeNull();
  expect(said).toEqual(["warning: a dump cannot be made: no descriptor is left"]);
});
