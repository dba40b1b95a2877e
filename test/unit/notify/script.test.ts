// Which notify scripts an event runs, with which arguments.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { jobsFor, type NotifyConfig, type NotifyState, type Subject } from "../../../src/notify/script.ts";

const NONE: NotifyConfig = {
  any: null,
  master: null,
  backup: null,
  fault: null,
  stop: null,
  deleted: null,
  masterRxLowerPri: null,
};
const STATES: NotifyState[] = ["MASTER", "BACKUP", "FAULT", "STOP", "DELETED"];
const VI_1: Subject = { kind: "INSTANCE", name: "VI_1" };

test("the script of the state comes first with nothing appended, then the generic one with four words", () => {
  const identity = { user: "root", group: null };
  const notify: NotifyConfig = {
    any: { words: ["/n.sh", "own"], identity },
    master: { words: ["/m.sh", "a"], identity: null },
    backup: { words: ["/b.sh"], identity: null },
    fault: { words: ["/f.sh"], identity: null },
    stop: { words: ["/s.sh"], identity: null },
    deleted: { words: ["/d.sh"], identity: null },
    masterRxLowerPri: { words: ["/l.sh"], identity: null },
  };
  expect(jobsFor(notify, VI_1, "MASTER", 150)).toEqual([
    { words: ["/m.sh", "a"], identity: null, keyword: "notify_master", state: "MASTER" },
    {
      words: ["/n.sh", "own", "INSTANCE", "VI_1", "MASTER", "150"],
      identity,
      keyword: "notify",
      state: "MASTER",
    },
  ]);
  expect(STATES.map((state) => jobsFor(notify, VI_1, state, 1)[0]?.words[0])).toEqual([
    "/m.sh",
    "/b.sh",
    "/f.sh",
    "/s.sh",
    "/d.sh",
  ]);
  expect(jobsFor(notify, VI_1, "MASTER_RX_LOWER_PRI", 1)).toEqual([
    { words: ["/l.sh"], identity: null, keyword: "notify_master_rx_lower_pri", state: "MASTER_RX_LOWER_PRI" },
  ]);
  expect(jobsFor(notify, { kind: "GROUP", name: "G" }, "STOP", 0)[1]?.words).toEqual(
    ["/n.sh", "own", "GROUP", "G", "STOP", "0"],
  );
  expect(notify.any?.words).toEqual(["/n.sh", "own"]);
});

test("nothing configured, nothing to run", () => {
  for (const state of STATES) expect(jobsFor(NONE, VI_1, state, 100)).toEqual([]);
});

test("whatever the name is, it stays one word", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(...STATES),
      fc.integer({ min: 0, max: 255 }),
      (name, state, priority) => {
        const [job] = jobsFor(
          { ...NONE, any: { words: ["/n"], identity: null } },
          { kind: "INSTANCE", name },
          state,
          priority,
        );
        expect(job?.words).toEqual(["/n", "INSTANCE", name, state, String(priority)]);
      },
    ),
  );
});
