// A small SMTP server for tests: takes mail, with STARTTLS, implicit TLS and login, or fails as it is told.
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { Mailbox } from "../unit/tracking/helpers.ts";

const DATA = join(import.meta.dir, "../data/smtp");
/** The certificate of the server, for mail.example.org, localhost and 127.0.0.1: to be trusted by hand. */
export const CA_FILE = join(DATA, "cert.pem");
const PAIR = { cert: readFileSync(CA_FILE), key: readFileSync(join(DATA, "key.pem")) };

export interface MailServerOptions {
  tls?: "off" | "starttls" | "implicit";
  /** `user password` that AUTH PLAIN must bring; without it nobody logs in. */
  login?: string;
  /** The answer to a recipient; default 250. */
  recipient?: (address: string) => string;
  /** The greeting; null = silence. */
  greeting?: string | null;
  port?: number;
}

/** A mail that was taken. */
export interface Received {
  helo: string;
  /** Whether the envelope came encrypted. */
  encrypted: boolean;
  user: string | null;
  from: string;
  to: string[];
  /** Headers and text as they came. */
  data: string;
  subject: string;
}

/** Listens on 127.0.0.1. */
export class MailServer {
  readonly mails = new Mailbox<Received>();
  /** Each connection, once it is there. */
  readonly connections = new Mailbox<Socket>();
  readonly #options: MailServerOptions;
  readonly #server: Server;

  private constructor(options: MailServerOptions) {
    this.#options = options;
    const accept = (socket: Socket) => {
      this.connections.put(socket);
      this.#talk(socket, options.tls === "implicit");
    };
    this.#server = options.tls === "implicit" ? createTlsServer(PAIR, accept) : createServer(accept);
  }

  static async start(options: MailServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => server.#server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  [Symbol.dispose](): void {
    for (const socket of this.connections.all) socket.destroy();
    this.#server.close();
  }

  #talk(first: Socket, encrypted: boolean): void {
    const { tls = "off", login, recipient, greeting } = this.#options;
    let socket = first;
    let rest = "";
    let data: string[] | null = null;
    const mail = { helo: "", encrypted, user: null as string | null, from: "", to: [] as string[] };
    const say = (line: string) => void socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      if (data !== null) {
        if (line !== ".") return void data.push(line);
        const text = data.join("\n");
        data = null;
        const subject = /^Subject: (.*(?:\n[ \t].*)*)$/m.exec(text)?.[1]?.replace(/\n[ \t]/g, " ") ?? "";
        this.mails.put({ ...mail, data: text, subject });
        return say("250 taken");
      }
      const [verb = ""] = line.toUpperCase().split(/[ :]/);
      const address = /<(.*)>/.exec(line)?.[1] ?? "";
      if (verb === "EHLO" || verb === "HELO") {
        mail.helo = line.slice(5);
        if (tls === "starttls" && !mail.encrypted) say("250-STARTTLS");
        if (login !== undefined) say("250-AUTH PLAIN");
        say("250 mail.example.org");
      } else if (verb === "STARTTLS") {
        if (tls !== "starttls") return say("502 not here");
        say("220 go on");
        socket.removeAllListeners("data");
        socket = new TLSSocket(socket, { isServer: true, ...PAIR });
        mail.encrypted = true;
        listen();
      } else if (verb === "AUTH") {
        const [, user = "", password] = Buffer.from(line.split(" ")[2] ?? "", "base64").toString().split(
          "\0",
        );
        if (`${user} ${password}` !== login) return say("535 wrong password");
        mail.user = user;
        say("235 welcome");
      } else if (verb === "MAIL") {
        if (login !== undefined && mail.user === null) return say("530 log in first");
        mail.from = address;
        mail.to = [];
        say("250 ok");
      } else if (verb === "RCPT") {
        const answer = recipient?.(address) ?? "250 ok";
        if (answer.startsWith("2")) mail.to.push(address);
        say(answer);
      } else if (verb === "DATA") {
        data = [];
        say("354 go on");
      } else if (verb === "QUIT") {
        say("221 bye");
        socket.end();
      } else say("250 ok");
    };
    const listen = () => {
      socket.on("error", () => {});
      socket.on("data", (bytes: Buffer) => {
        rest += bytes.toString();
        for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
          const line = rest.slice(0, end);
          rest = rest.slice(end + 2);
          hear(line);
        }
      });
    };
    listen();
    if (greeting !== null) say(greeting ?? "220 mail.example.org");
  }
}
