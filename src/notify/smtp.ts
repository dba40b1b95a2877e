// Sends one mail through nodemailer, which is loaded for the first one: most daemons send none.
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { SMTPTransportOptions } from "nodemailer";
import type { MailSettings } from "../mail_settings.ts";

const OVER = "the time for the stop is over";

/** One mail. */
export interface Mail {
  subject: string;
  text: string;
  /** When it happened, not when it is sent. */
  date: Date;
}

/** A mail that was not taken. `final`: trying again would not help (RFC 5321 section 4.2.1: 5yz). */
export class MailError extends Error {
  readonly final: boolean;
  constructor(message: string, final: boolean) {
    super(message);
    this.final = final;
  }
}

/**
 * Sends a mail to all recipients in one dialogue. Resolves with the addresses refused; rejects with MailError.
 * `cut`: breaks the connection off.
 */
export async function sendMail(config: MailSettings, mail: Mail, cut: AbortSignal): Promise<string[]> {
  const { host, port, from, to, tls, login } = config;
  const limitMs = config.timeoutUs / 1000;
  let socket: Socket | null = null;
  const over = Promise.withResolvers<never>();
  // Nobody may be waiting for it.
  over.promise.catch(() => {});
  // Nodemailer does not notice a socket that was destroyed before it began to listen: it would wait for a greeting.
  const hangUp = () => {
    socket?.destroy();
    over.reject(new Error(OVER));
  };
  if (cut.aborted) hangUp();
  cut.addEventListener("abort", hangUp);
  try {
    const { createConnection } = await import("node:net");
    const { createTransport } = await import("nodemailer");
    const ca = config.tlsCaFile === null ? {} : { ca: readFileSync(config.tlsCaFile) };
    // Our own socket: nodemailer's could not be taken back when the daemon stops.
    socket = createConnection({ host, port });
    // One that comes when nobody waits any more must not end the daemon.
    socket.on("error", () => {});
    await Promise.race([connected(socket, limitMs), over.promise]);
    const options: SMTPTransportOptions = {
      host,
      port,
      connection: socket,
      name: config.helo,
      secure: tls === "implicit",
      ignoreTLS: tls === "off",
      requireTLS: tls === "starttls",
      greetingTimeout: limitMs,
      socketTimeout: limitMs,
      tls: { rejectUnauthorized: config.tlsVerify, ...ca },
      ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    // Filters of mail that know keepalived go on working.
    const dialogue = createTransport(options).sendMail({ ...mail, from, to, xMailer: "Keepalived" });
    const sent = await Promise.race([dialogue, over.promise]);
    return sent.rejected.map(String);
  } catch (error) {
    socket?.destroy();
    const { message, responseCode } = error as { message?: string; responseCode?: number };
    const final = typeof responseCode === "number" && responseCode >= 500;
    throw new MailError(`the mail server ${host}:${port} does not take it (${message ?? error})`, final);
  } finally {
    cut.removeEventListener("abort", hangUp);
  }
}

/** Resolves when the connection stands; rejects when it is refused, late or cut. */
function connected(socket: Socket, limitMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`no connection within ${limitMs / 1000} s`)), limitMs);
  socket.once("connect", resolve);
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the connection was closed")));
  return promise.finally(() => clearTimeout(timer));
}
