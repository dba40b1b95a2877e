// A mail server and the addresses of mail: what config reads, and what notify sends with.

/** Mail by SMTP. */
export interface MailSettings {
  host: string;
  port: number;
  helo: string;
  from: string;
  to: string[];
  /** Limit of the connection, and of each silence of the server. */
  timeoutUs: number;
  /** off: in clear text; starttls: on the plain port; implicit: from the first byte. */
  tls: "off" | "starttls" | "implicit";
  tlsVerify: boolean;
  /** File of certificates (PEM) to trust instead of the well-known ones; null = those. */
  tlsCaFile: string | null;
  login: { user: string; password: string } | null;
}
