// Child process of the bench: FRR's vrrpd with its zebra, as one daemon that reads the bench's keepalived.conf.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IF_LINK } from "../../native/constants.ts";
import { RouteClient } from "../../native/netlink/client.ts";
import { buildLinkChange, buildMacvlan } from "../../native/netlink/link.ts";
import { changeAddress, INTERFACE } from "./lab.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Where Debian's package has it. */
export const VRRPD = "/usr/lib/frr/vrrpd";
const ZEBRA = "/usr/lib/frr/zebra";
/** It keeps 255 to owners of the address, and takes a macvlan's address for not owned. */
const HIGHEST_PRIORITY = 254;

/** vrrpd wants a macvlan with the virtual MAC (RFC 5798 section 7.3) that holds the address. */
function makeMacvlan({ instances }: Settings): void {
  const client = new RouteClient();
  const { vrid, addresses } = instances[0]!;
  const find = (name: string) => client.links().find((link) => link.name === name)!.ifindex;
  const mac = Uint8Array.of(0, 0, 0x5e, 0, 1, vrid);
  client.request((m) => buildMacvlan(m, "vrrp0", find(INTERFACE), mac, IF_LINK.MACVLAN_MODE_BRIDGE));
  client.request((m) => buildLinkChange(m, find("vrrp0"), { noIpv6Autoconf: true }));
  client.request((m) => buildLinkChange(m, find("vrrp0"), { up: true }));
  for (const address of addresses) changeAddress(client, find("vrrp0"), address, "add");
  client.close();
}

function vrrpdText({ version, priority, intervalUs, instances }: Settings): string {
  const { vrid, addresses } = instances[0]!;
  const lines = [
    `version ${version}`,
    `priority ${Math.min(HIGHEST_PRIORITY, priority)}`,
    `advertisement-interval ${intervalUs / 1000}`,
    ...addresses.map((address) => `ip ${address}`),
  ];
  return ["log stdout", `interface ${INTERFACE}`, ...lines.map((line) => ` vrrp ${vrid} ${line}`), ""].join(
    "\n",
  );
}

/** Starts one of its daemons, which give up root: the directory is theirs. */
function start(program: string, directory: string, text: string) {
  const name = program.split("/").at(-1)!;
  const file = join(directory, `${name}.conf`);
  writeFileSync(file, text);
  const sockets = ["-z", join(directory, "zserv.api"), "--vty_socket", directory, "-P", "0"];
  const own = ["-i", join(directory, `${name}.pid`), "--log", "stdout"];
  return Bun.spawn([program, "-f", file, ...sockets, ...own], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

async function main(): Promise<void> {
  const [base = "", file = ""] = process.argv.slice(2);
  const settings = readSettings(file);
  makeMacvlan(settings);
  chmodSync(base, 0o711);
  const directory = join(base, "frr");
  mkdirSync(directory);
  Bun.spawnSync(["chown", "frr:frr", directory]);
  const zebra = start(ZEBRA, directory, "log stdout\n");
  for await (const line of lines(zebra.stdout)) if (line.includes("starting")) break;
  const vrrpd = start(VRRPD, directory, vrrpdText(settings));
  process.on("SIGTERM", () => vrrpd.kill("SIGTERM"));
  for await (const line of lines(vrrpd.stdout)) {
    const state = /\[IPv4\].* -> (\w+)/.exec(line)?.[1];
    process.stdout.write(state === undefined ? `${line}\n` : `Entering ${state.toUpperCase()} STATE\n`);
  }
  await vrrpd.exited;
  zebra.kill("SIGTERM");
  await zebra.exited;
}

if (import.meta.main) await main();
