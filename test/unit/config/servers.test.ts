// What check says of virtual servers: the lines that keepalived complains of.
import { describe, expect, test } from "bun:test";
import { instance, load, messages } from "./support.ts";

/** The findings of a virtual_server with this body, each without the instance's own; lines count from the body's first. */
function found(body: string, head = "virtual_server 192.0.2.1 80"): string[] {
  return messages(load(`${head} {\n${body}\n}\n${instance()}`))
    .filter((message) => !message.includes("no effect in this version"))
    .map((message) => message.replace(/^\d+/, (line) => `${Number(line) - 1}`));
}

/** The lines of the findings. */
function lines(body: string, head?: string): number[] {
  return found(body, head).map((message) => parseInt(message));
}

const real = (body: string) => `real_server 192.0.2.2 80 {\n${body}\n}`;
const checker = (name: string, body: string) => real(`${name} {\n${body}\n}`);

describe("values", () => {
  const good = [
    "lb_algo wrr",
    "lvs_sched mh\nmh-port",
    "lb_kind TUN type gue port 3",
    "protocol tcp",
    "delay_loop 1.5",
    "persistence_timeout",
    "persistence_timeout 50",
    "persistence_granularity 255.255.255.0",
    "quorum 3",
    "hysteresis 0",
    "sorry_server 192.0.2.3 80",
    "virtualhost a b",
    "ip_family inet",
    real("weight 0"),
    real("inhibit_on_failure yes"),
    checker("TCP_CHECK", "connect_timeout 0.5\nretry 0\nconnect_ip 192.0.2.3\nbindto 192.0.2.3\nbind_port 5"),
    checker("HTTP_GET", "http_protocol 1.1\nurl {\npath /\nstatus_code 200-299 404\n}"),
    checker("DNS_CHECK", "type a\nname example.org"),
    checker("UDP_CHECK", "payload 00ff\nrequire_reply 0?"),
    checker("SMTP_CHECK", "helo_name x\nhost {\nconnect_ip 192.0.2.3\n}"),
    checker("MISC_CHECK", 'misc_path "/bin/true"\nmisc_timeout 3\nmisc_dynamic'),
  ];
  for (const body of good) test(body, () => expect(found(body)).toEqual([]));

  const bad: Record<string, number> = {
    "lb_algo loadbalance": 1,
    "lb_algo RR": 1,
    "lb_kind dr": 1,
    "lb_kind DR more": 1,
    "mh-port": 1,
    "protocol HTTP": 1,
    "delay_loop 5s": 1,
    "quorum 0": 1,
    "hysteresis -1": 1,
    "weight 0": 1,
    "retry 0": 1,
    "virtualhost": 1,
    "sorry_server example.org 80": 1,
    "alpha {\n}": 1,
    [real("weight 1.5")]: 2,
    [real("inhibit_on_failure 2")]: 2,
    [real("TCP_CHECK")]: 2,
    [checker("TCP_CHECK", "connect_timeout 3s")]: 3,
    [checker("TCP_CHECK", "connect_ip example.org")]: 3,
    [checker("DNS_CHECK", "type X")]: 3,
    [checker("UDP_CHECK", "payload xyz")]: 3,
    [checker("MISC_CHECK", 'misc_path "/bin/true"\nconnect_timeout 3')]: 4,
    [checker("HTTP_GET", "url {\npath /\nstatus_code 99\n}")]: 5,
    [checker("HTTP_GET", "tls_compliant\nurl {\npath /\n}")]: 3,
  };
  for (const [body, line] of Object.entries(bad)) test(body, () => expect(lines(body)[0]).toBe(line));

  test("a keyword that keepalived ends without", () => {
    for (const body of ["lb_algo", "protocol", "real_server {\n}", checker("TCP_CHECK", "connect_port")]) {
      expect(found(body).filter((message) => message.includes("error: ")), body).toHaveLength(1);
    }
    expect(found("virtualhost")[0]).toContain("warning: virtualhost lacks its value");
  });
});

test("blocks that lack what they cannot be without are told at their end", () => {
  expect(found(checker("HTTP_GET", "url {\n}"))).toEqual([
    "4:1 warning: url has no path, so keepalived leaves it out; add path",
    "5:1 warning: HTTP_GET has nothing to ask for, so keepalived leaves it out; add url",
  ]);
  expect(lines(checker("MISC_CHECK", "misc_timeout 3"))).toEqual([4]);
});

test("an address that is none, or of another family", () => {
  expect(found("", "virtual_server www.example.org 80")[0]).toStartWith("0:16 warning: virtual_server");
  expect(lines("real_server 192.0.2.2:80 {\n}")).toEqual([1]);
  expect(lines("real_server 192.0.2.2 http {\n}")).toEqual([1]);
  expect(lines("sorry_server 2001:db8::1 80")).toEqual([2]);
  expect(lines("real_server 2001:db8::1 80 {\n}")).toEqual([2]);
  expect(
    lines(
      "192.0.2.4 80\n192.0.2.1-9 80\nfwmark 3\nx 80\n192.0.2.9-1 80\n192.0.2.1/24 80",
      "virtual_server_group G",
    ),
  )
    .toEqual([4, 5, 6]);
  expect(lines("fwmark x", "virtual_server_group G")).toEqual([1, 2]);
});

test("an unknown block: each line in it, and the } that ends another one for it", () => {
  expect(lines(real("MISC_CHEK {\nmisc_path x\n}"))).toEqual([2, 3, 4, 6]);
  expect(lines("", "SSL")).toEqual([]);
  expect(lines("passwort x", "SSL")).toEqual([1]);
});
