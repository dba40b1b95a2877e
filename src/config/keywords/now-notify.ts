// Keywords of global_defs about notifications: FIFOs, mail, and the scripts of the daemon itself.
import { NOTIFY, type Row, seconds } from "./types.ts";

const FIFO = { kind: "words", min: 1, max: 3 } as const;
const OWN = { own: true } as const;

// deno-fmt-ignore: one row a line
export const NOTIFY_DEFS: Row[] = [
  ["notify_fifo", FIFO, "PATH [USER [GROUP]]", "none", "FIFO that gets a line for each event; made if it is missing, and taken away again at the stop. Only its owner may read: USER, or else who runs its script, or else the daemon; GROUP too if it is named", { twice: "first", missing: "warning" }],
  ["notify_fifo_script", NOTIFY, "CMD [USER [GROUP]]", "none", "Reader of notify_fifo, started with the path as last argument; one that ends is started again", { twice: "first", missing: "warning" }],
  ["vrrp_notify_fifo", FIFO, "PATH [USER [GROUP]]", "none", "A second FIFO, as notify_fifo", { twice: "first", missing: "warning" }],
  ["vrrp_notify_fifo_script", NOTIFY, "CMD [USER [GROUP]]", "none", "Reader of vrrp_notify_fifo", { twice: "first", missing: "warning" }],
  ["vrrp_notify_priority_changes", { kind: "boolean" }, "[BOOL]", "false", "The FIFOs hear of changes of the effective priority: MASTER_PRIORITY, BACKUP_PRIORITY"],
  ["fifo_write_vrrp_states_on_reload", { kind: "flag" }, "-", "off", "After a reload the FIFOs hear the state of each instance again; readers that nothing changes for go on and miss nothing"],
  ["startup_script", NOTIFY, "CMD [USER [GROUP]]", "none", "Run before the start, which waits for its end", { twice: "first", missing: "warning" }],
  ["startup_script_timeout", seconds(1, 1000, true), "SECONDS 1..1000", "10", "Limit of startup_script", { missing: "warning" }],
  ["shutdown_script", NOTIFY, "CMD [USER [GROUP]]", "none", "Run last of all at the stop, when nothing is held any more", { twice: "first", missing: "warning" }],
  ["shutdown_script_timeout", seconds(1, 1000, true), "SECONDS 1..1000", "10", "Limit of shutdown_script", { missing: "warning" }],
  ["notification_email", { kind: "entries", entry: "notification_email-entry" }, "{ ADDRESS ... }", "none", "Recipients of mail, any number a line", { twice: "all" }],
  ["notification_email_from", { kind: "word" }, "ADDRESS", "user@host of the daemon", "Sender of mail", { missing: "warning" }],
  ["smtp_server", { kind: "words", min: 1, max: 2 }, "HOST [PORT]", "none, port 25", "Mail server; its name is resolved for each mail. A mail that it does not take is tried again for 15 minutes"],
  ["smtp_connect_timeout", seconds(0, 4294, true), "SECONDS", "30", "Limit of the connection to the mail server, and of its answers; 0 is taken as 1"],
  ["smtp_helo_name", { kind: "word" }, "STRING", "local host name", "Name given in the greeting", { missing: "warning" }],
  ["smtp_tls", { kind: "choice", of: ["off", "starttls", "implicit"] }, "off|starttls|implicit", "off", "Encryption of mail: in clear text as keepalived, by STARTTLS or not at all, or from the first byte (then the default port is 465)", OWN],
  ["smtp_tls_verify", { kind: "boolean" }, "[BOOL]", "true", "Send only to a server with a valid certificate", OWN],
  ["smtp_tls_ca", { kind: "word" }, "FILE", "the well-known authorities", "Certificates to trust (PEM)", OWN],
  ["smtp_user", { kind: "word" }, "NAME", "no login", "User of the mail server; needs smtp_password", OWN],
  ["smtp_password", { kind: "secret" }, "STRING", "no login", "Password of smtp_user", OWN],
  ["smtp_alert", { kind: "boolean" }, "[BOOL]", "false", "Mail on each event of an instance, unless it says otherwise"],
  ["smtp_alert_vrrp", { kind: "boolean" }, "[BOOL]", "smtp_alert", "The same, for virtual routers only"],
  ["no_email_faults", { kind: "flag" }, "-", "off", "No mail about faults"],
];
