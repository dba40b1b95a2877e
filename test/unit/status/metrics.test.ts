// Prometheus metrics: names, values, escaping.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { buildRegistry, renderMetrics } from "../../../src/status/metrics.ts";
import { buildStatus } from "../../../src/status/snapshot.ts";
import {
  COUNTERS,
  daemonFacts,
  exampleStatus,
  GLOBAL_COUNTERS,
  instanceConfig,
  instanceFacts,
  REFUSALS,
} from "./fixture.ts";

const VI_1 = `instance="VI_1",interface="eth0",vrid="51",family="ipv4"`;

test("the samples of an instance", async () => {
  const lines = (await renderMetrics(exampleStatus())).split("\n");
  for (
    const line of [
      `baton_info{version="0.1.0"} 1`,
      "baton_uptime_seconds 3723",
      `baton_instance_state{${VI_1},state="MASTER"} 1`,
      `baton_instance_state{${VI_1},state="BACKUP"} 0`,
      `baton_instance_state{instance="broken",interface="bond0",vrid="255",family="ipv4",state="FAULT"} 1`,
      `baton_instance_state_since_seconds{${VI_1}} 1785585600.25`,
      `baton_instance_priority{${VI_1},kind="base"} 100`,
      `baton_instance_priority{${VI_1},kind="effective"} 120`,
      `baton_instance_master_priority{${VI_1},address="10.0.0.1"} 120`,
      `baton_address_held{${VI_1},address="10.0.0.100",device="eth0"} 1`,
      `baton_address_held{${VI_1},address="2001:db8::1",device="eth0"} 0`,
      `baton_tracker_ok{${VI_1},kind="script",name="haproxy"} 1`,
      `baton_tracker_ok{${VI_1},kind="script",name="gateway"} 0`,
      `baton_advertisement_sent_total{${VI_1}} ${COUNTERS.indexOf("advertisement_sent") + 1}`,
      `baton_refusals_total{${VI_1},refusal="checksum"} ${
        COUNTERS.length + REFUSALS.indexOf("checksum") + 1
      }`,
      `baton_checksum_errors_total ${100 + GLOBAL_COUNTERS.indexOf("checksum_errors")}`,
      `baton_unmatched_refusals_total{refusal="vrid"} ${
        100 + GLOBAL_COUNTERS.length + REFUSALS.indexOf("vrid")
      }`,
    ]
  ) expect(lines).toContain(line);
});

test("exactly one state is 1", async () => {
  const text = await renderMetrics(exampleStatus());
  const states = text.split("\n").filter((line) => line.startsWith("baton_instance_state{"));
  expect(states.length).toBe(3 * 4);
  expect(states.filter((line) => line.endsWith(" 1")).length).toBe(3);
});

test("every counter has a metric with a help text, and none appears twice", async () => {
  const metrics = await buildRegistry(exampleStatus()).getMetricsAsJSON();
  const names = metrics.map((metric) => metric.name);
  for (const name of [...COUNTERS, ...GLOBAL_COUNTERS]) expect(names).toContain(`baton_${name}_total`);
  expect(new Set(names).size).toBe(names.length);
  for (const metric of metrics) expect(metric.help.length).toBeGreaterThan(10);
});

test("a tracker without a result has no sample; a scrape leaves nothing for the next one", async () => {
  const pending = buildStatus(daemonFacts(), [instanceFacts({ trackers: [null, null, null] })]);
  expect(await renderMetrics(exampleStatus())).toContain(`kind="script"`);
  expect(await renderMetrics(pending)).not.toContain(`kind="script"`);
  const once = await renderMetrics(exampleStatus());
  expect(await renderMetrics(exampleStatus())).toBe(once);
});

test("names from the file cannot break the format", async () => {
  const sample = /^[a-z_]+(\{([a-z]+="([^"\\\n]|\\\\|\\"|\\n)*",?)*\})? -?[0-9.e+]+$/;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (name) => {
      const status = buildStatus(daemonFacts(), [
        instanceFacts({ config: instanceConfig({ name, interface: name }) }),
      ]);
      for (const line of (await renderMetrics(status)).split("\n")) {
        if (line !== "" && !line.startsWith("# ")) expect(line).toMatch(sample);
      }
    }),
    { numRuns: 50 },
  );
});
