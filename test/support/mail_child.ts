// A mail server as a program, for a namespace: `bun mail_child.ts PORT` prints each mail as a line of JSON.
import { MailServer } from "./mail_server.ts";

const server = await MailServer.start({ port: Number(process.argv[2]) });
console.log("listening");
for (;;) console.log(JSON.stringify(await server.mails.next()));
