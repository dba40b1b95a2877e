// The configuration that the demo suggests at its end, and the log lines that it reads.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { NetworkInterfaceInfo } from "node:os";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseLogLine } from "../../../src/cli/demo/router.ts";
import { configurationFor, suggest } from "../../../src/cli/demo/yours.ts";
import { loadConfig } from "../../../src/config/load.ts";

function ipv4(cidr: string, internal = false): NetworkInterfaceInfo {
  const [address = ""] = cidr.split("/");
  return { address, netmask: "", family: "IPv4", mac: "", internal, cidr };
}

test("the suggestion is the reader's interface and another address of its network", () => {
  const lo = [ipv4("127.0.0.1/8", true)];
  expect(suggest({ lo, ens3: [ipv4("10.1.2.3/24")] })).toEqual({
    interface: "ens3",
    address: "10.1.2.250/24",
  });
  expect(suggest({ lo, ens3: [ipv4("10.1.2.250/24")] })).toEqual({
    interface: "ens3",
    address: "10.1.2.251/24",
  });
  expect(suggest({ eth0: [ipv4("172.16.5.9/20")] })).toEqual({
    interface: "eth0",
    address: "172.16.15.250/20",
  });
  expect(suggest({ eth0: [ipv4("10.0.0.1/29")] })).toEqual({ interface: "eth0", address: "10.0.0.2/29" });
});

test("an interface that a program made is only the second choice", () => {
  const docker0 = [ipv4("172.17.0.1/16")];
  expect(suggest({ docker0, eth1: [ipv4("10.1.2.3/24")] }).interface).toBe("eth1");
  expect(suggest({ docker0 }).interface).toBe("docker0");
});

test("without a usable interface the suggestion is an example", () => {
  expect(suggest({})).toEqual({ interface: "eth0", address: "192.0.2.1/24" });
  expect(suggest({ eth0: [ipv4("203.0.113.7/32")] })).toEqual({ interface: "eth0", address: "192.0.2.1/24" });
});

test("the suggested configuration has no findings", () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-test-"));
  try {
    const file = join(directory, "baton.conf");
    writeFileSync(file, configurationFor({ interface: "ens3", address: "10.1.2.250/24" }));
    const { config, diagnostics } = loadConfig(file, { hostName: "host" });
    expect(diagnostics).toEqual([]);
    expect(config?.instances[0]).toMatchObject({
      interface: "ens3",
      version: 3,
      priority: 150,
      advertIntervalUs: 100_000,
      addresses: [{ address: "10.1.2.250", prefixLength: 24 }],
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a line of the JSON log is read, and any other line is an error with that text", () => {
  expect(parseLogLine('{"time":"t","level":"warning","instance":"demo","message":"m"}')).toEqual({
    level: "warning",
    instance: "demo",
    message: "m",
  });
  expect(parseLogLine('{"level":"info","message":"m"}')).toEqual({
    level: "info",
    instance: null,
    message: "m",
  });
  for (const text of ["Segmentation fault", "{", "null", "7", '{"message":1}']) {
    expect(parseLogLine(text)).toEqual({ level: "error", instance: null, message: text });
  }
});
