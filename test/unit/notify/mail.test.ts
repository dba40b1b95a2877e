// Mail through a real SMTP server: what arrives, TLS and login, and what happens when it does not take the mail.
import { expect, test } from "bun:test";
import { mailAbout, MailQueue, type MailQueueOptions } from "../../../src/notify/mail.ts";
import type { Level } from "../../../src/notify/queue.ts";
import type { MailSettings } from "../../../src/mail_settings.ts";
import type { Mail } from "../../../src/notify/smtp.ts";
import { CA_FILE, MailServer } from "../../support/mail_server.ts";
import { Mailbox } from "../tracking/helpers.ts";

class Queue {
  readonly lines = new Mailbox<[Level, string]>();
  readonly queue: MailQueue;

  constructor(options: MailQueueOptions = {}) {
    this.queue = new MailQueue((level, text) => this.lines.put([level, text]), options);
  }

  /** The log with durations and ports made equal. */
  get log(): [Level, string][] {
    return this.lines.all.map(([level, text]) => [
      level,
      text.replace(/after [0-9]+\.[0-9]{3} s/, "after T").replace(/127.0.0.1:\d+/g, "HOST"),
    ]);
  }
}

function config(port: number, values: Partial<MailSettings> = {}): MailSettings {
  return {
    host: "127.0.0.1",
    port,
    helo: "lb1.example.org",
    from: "Baton <lb1@example.org>",
    to: ["admin@example.org", "Night Watch <night@example.org>"],
    timeoutUs: 60_000_000,
    tls: "off",
    tlsVerify: true,
    tlsCaFile: CA_FILE,
    login: null,
    ...values,
  };
}

function mail(subject = "hello"): Mail {
  return { subject, text: "=> text <=\n", date: new Date("2026-01-02T03:04:05Z") };
}

test("subjects are keepalived's, and the text has the cause", () => {
  const date = new Date();
  const about = (state: Parameters<typeof mailAbout>[2], kind: "INSTANCE" | "GROUP" = "INSTANCE") =>
    mailAbout("lb1", { kind, name: "VI_1" }, state, "", date).subject;
  expect(about("MASTER")).toBe("[lb1] VRRP Instance VI_1 - Entering MASTER state");
  expect(about("BACKUP")).toBe("[lb1] VRRP Instance VI_1 - Entering BACKUP state");
  expect(about("FAULT")).toBe("[lb1] VRRP Instance VI_1 - Entering FAULT state");
  expect(about("STOP")).toBe("[lb1] VRRP Instance VI_1 - Stopping");
  expect(about("DELETED")).toBe("[lb1] VRRP Instance VI_1 - Deleted");
  expect(about("MASTER", "GROUP")).toBe("[lb1] VRRP Group VI_1 - Entering MASTER state");
  const { text } = mailAbout("lb1", { kind: "INSTANCE", name: "A" }, "MASTER", "no advert for 3.6 s", date);
  expect(text).toBe("=> VRRP instance A is now owning the VRRP VIPs <=\n\nCause: no advert for 3.6 s\n");
});

test("one dialogue with all recipients, in clear text, in the order of the events", async () => {
  using server = await MailServer.start();
  const q = new Queue();
  q.queue.push(config(server.port), mail("first"));
  q.queue.push(config(server.port), mail("second"));
  await q.queue.idle();
  const [first, second] = server.mails.all;
  expect(first).toMatchObject({
    helo: "lb1.example.org",
    encrypted: false,
    user: null,
    from: "lb1@example.org",
    to: ["admin@example.org", "night@example.org"],
    subject: "first",
  });
  expect(second?.subject).toBe("second");
  expect(server.mails.all.length).toBe(2);
  expect(first?.data).toContain("\nX-Mailer: Keepalived\n");
  expect(first?.data).toContain("\nDate: Fri, 02 Jan 2026 03:04:05 +0000\n");
  expect(first?.data).toContain("\nTo: admin@example.org, Night Watch <night@example.org>\n");
  expect(first?.data).toContain("=> text <=");
  expect(q.log).toEqual([
    ["info", 'SMTP alert successfully sent to 2 recipients after T: "first"'],
    ["info", 'SMTP alert successfully sent to 2 recipients after T: "second"'],
  ]);
});

for (const tls of ["starttls", "implicit"] as const) {
  test(`${tls} with login`, async () => {
    using server = await MailServer.start({ tls, login: "lb1 pass word" });
    const q = new Queue();
    q.queue.push(config(server.port, { tls, login: { user: "lb1", password: "pass word" } }), mail());
    await q.queue.idle();
    expect(q.log).toEqual([["info", 'SMTP alert successfully sent to 2 recipients after T: "hello"']]);
    expect(server.mails.all[0]).toMatchObject({ encrypted: true, user: "lb1", subject: "hello" });
  });

  test(`${tls}: a certificate that nobody vouches for gets no mail, unless it is not looked at`, async () => {
    using server = await MailServer.start({ tls, login: "lb1 x" });
    const login = { user: "lb1", password: "x" };
    const strict = new Queue({ lifetimeMs: 0 });
    strict.queue.push(config(server.port, { tls, login, tlsCaFile: null }), mail());
    await strict.queue.idle();
    expect(strict.log.map(([level]) => level)).toEqual(["error"]);
    expect(strict.log[0]?.[1]).toMatch(/is not sent: the mail server HOST does not take it \(.*certificate/);
    expect(server.mails.all).toEqual([]);
    const lax = new Queue();
    lax.queue.push(config(server.port, { tls, login, tlsCaFile: null, tlsVerify: false }), mail());
    await lax.queue.idle();
    expect(server.mails.all.length).toBe(1);
  });
}

test("starttls: a server without it gets no mail and no password", async () => {
  using server = await MailServer.start({ login: "lb1 x" });
  const q = new Queue({ lifetimeMs: 0 });
  q.queue.push(config(server.port, { tls: "starttls", login: { user: "lb1", password: "x" } }), mail());
  await q.queue.idle();
  expect(server.mails.all).toEqual([]);
  expect(q.log[0]?.[0]).toBe("error");
  expect(q.log[0]?.[1]).toContain("STARTTLS");
});

test("a wrong password is final and not shown", async () => {
  using server = await MailServer.start({ login: "lb1 right" });
  const q = new Queue();
  q.queue.push(config(server.port, { login: { user: "lb1", password: "wr0ng" } }), mail());
  await q.queue.idle();
  expect(q.log.length).toBe(1);
  expect(q.log[0]?.[1]).toContain("535 wrong password");
  expect(q.log[0]?.[1]).not.toContain("wr0ng");
});

test("a recipient that is refused is named, the others get the mail", async () => {
  using server = await MailServer.start({
    recipient: (address) => address.startsWith("night") ? "550 nobody here" : "250 ok",
  });
  const q = new Queue();
  q.queue.push(config(server.port), mail());
  await q.queue.idle();
  expect(server.mails.all[0]?.to).toEqual(["admin@example.org"]);
  expect(q.log).toEqual([
    ["info", 'SMTP alert successfully sent to 1 recipient after T: "hello"'],
    [
      "warning",
      'mail "hello" is not sent to night@example.org: the mail server refuses the address',
    ],
  ]);
});

test("a server that says no for good is not asked again, and the next mail goes out", async () => {
  using refusing = await MailServer.start({ recipient: () => "550 go away" });
  using server = await MailServer.start();
  const q = new Queue();
  q.queue.push(config(refusing.port), mail("no"));
  q.queue.push(config(server.port), mail("yes"));
  await q.queue.idle();
  expect(refusing.connections.all.length).toBe(1);
  expect(q.log.map(([level]) => level)).toEqual(["error", "info"]);
  expect(server.mails.all[0]?.subject).toBe("yes");
});

test("a server that is away: tried again until it is back, in order", async () => {
  const away = await MailServer.start();
  const { port } = away;
  away[Symbol.dispose]();
  const q = new Queue({ retryMs: 1 });
  q.queue.push(config(port), mail("first"));
  q.queue.push(config(port), mail("second"));
  const [level, text] = await q.lines.next();
  expect(level).toBe("warning");
  expect(text).toMatch(
    /^mail "first": the mail server .* does not take it \(.*\); it is tried again in 0.001 s$/,
  );
  using server = await MailServer.start({ port });
  await q.queue.idle();
  expect(server.mails.all.map(({ subject }) => subject)).toEqual(["first", "second"]);
});

test("a mail that nobody takes in time is given up, aloud", async () => {
  const away = await MailServer.start();
  const { port } = away;
  away[Symbol.dispose]();
  const q = new Queue({ retryMs: 1, lifetimeMs: 0 });
  q.queue.push(config(port), mail());
  await q.queue.idle();
  expect(q.log.map(([level]) => level)).toEqual(["error"]);
  expect(q.log[0]?.[1]).toMatch(/^mail "hello" is not sent: .* for 0 minutes$/);
});

test("at a stop a silent server is hung up on, and each mail is named", async () => {
  using server = await MailServer.start({ greeting: null });
  const q = new Queue();
  q.queue.push(config(server.port), mail("first"));
  q.queue.push(config(server.port), mail("second"));
  const connection = await server.connections.next();
  const closed = new Promise((resolve) => connection.once("close", resolve));
  await q.queue.drain(10);
  await closed;
  await q.queue.idle();
  const why = "the time for the stop is over";
  expect(q.log).toEqual([
    ["error", `mail "first" is not sent: ${why}`],
    ["error", `mail "second" is not sent: ${why}`],
  ]);
});

test("at a stop the pause after a failure ends, and each mail has one more try", async () => {
  const away = await MailServer.start();
  const { port } = away;
  away[Symbol.dispose]();
  const q = new Queue({ retryMs: 10_000_000, lifetimeMs: 1e9 });
  q.queue.push(config(port), mail("first"));
  await q.lines.next();
  using server = await MailServer.start({ port });
  q.queue.push(config(port), mail("stopping"));
  await q.queue.drain(600_000);
  expect(server.mails.all.map(({ subject }) => subject)).toEqual(["first", "stopping"]);
});

test("more mails than the queue takes: the oldest waiting one is dropped, aloud", async () => {
  using server = await MailServer.start();
  const q = new Queue({ capacity: 2 });
  for (const subject of ["1", "2", "3", "4"]) q.queue.push(config(server.port), mail(subject));
  await q.queue.idle();
  expect(server.mails.all.map(({ subject }) => subject)).toEqual(["1", "4"]);
  expect(q.log.slice(0, 2)).toEqual([
    ["error", 'mail "2" is not sent: more than 2 mails wait'],
    ["error", 'mail "3" is not sent: more than 2 mails wait'],
  ]);
});
