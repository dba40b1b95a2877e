// The status endpoint as a Hono application: what each path answers.
import { Hono } from "hono";
import { METRICS_CONTENT_TYPE, renderMetrics } from "./metrics.ts";
import { PAGE, PAGE_POLICY } from "./page.ts";
import type { Status } from "./snapshot.ts";
import { renderTable } from "./text.ts";

/** Whether the engine thread lives; `reason` says why not. */
export interface Health {
  healthy: boolean;
  reason: string;
}

const HEALTHY: Health = { healthy: true, reason: "the engine runs" };

const PATHS: readonly [string, string][] = [
  ["/", "this status as text, or a live page in a browser"],
  ["/status", "the status as JSON"],
  ["/healthz", "200 while the engine runs"],
  ["/readyz", "200 when every instance is BACKUP or MASTER"],
  ["/metrics", "Prometheus metrics"],
];

/** The application; GET and HEAD only. `getStatus` and `getHealth` are asked at each request. */
export function createApp(getStatus: () => Status, getHealth: () => Health = () => HEALTHY): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    return c.text(`${c.req.method} is not allowed: this endpoint only answers GET\n`, 405, {
      Allow: "GET, HEAD",
    });
  });
  app.get("/", (c) => {
    c.header("Vary", "Accept");
    if (!wantsHtml(c.req.header("Accept"))) return c.text(renderTable(getStatus(), { color: false }));
    c.header("Content-Security-Policy", PAGE_POLICY);
    return c.html(PAGE);
  });
  app.get("/status", (c) => c.json(getStatus()));
  app.get("/healthz", (c) => {
    const { healthy, reason } = getHealth();
    return c.text(healthy ? "ok\n" : `not healthy: ${reason}\n`, healthy ? 200 : 503);
  });
  app.get("/readyz", (c) => {
    const { healthy, reason } = getHealth();
    const obstacles = healthy ? findObstacles(getStatus()) : [`the engine: ${reason}`];
    if (obstacles.length === 0) return c.text("ok\n");
    return c.text(`not ready:\n${obstacles.map((line) => `${line}\n`).join("")}`, 503);
  });
  app.get("/metrics", async (c) => {
    const text = await renderMetrics(getStatus());
    return c.body(text, 200, { "Content-Type": METRICS_CONTENT_TYPE });
  });
  app.notFound((c) => {
    const list = PATHS.map(([path, what]) => `${path.padEnd(10)}${what}\n`).join("");
    return c.text(`there is nothing at ${c.req.path}; the paths are:\n${list}`, 404);
  });
  app.onError((error, c) => c.text(`the status could not be made: ${error.message}\n`, 500));
  return app;
}

/** Browsers name text/html; curl and monitoring do not. */
function wantsHtml(accept: string | undefined): boolean {
  return (accept ?? "").toLowerCase().includes("text/html");
}

function findObstacles(status: Status): string[] {
  return status.instances
    .filter((instance) => instance.state !== "BACKUP" && instance.state !== "MASTER")
    .map((instance) => `${instance.name} is ${instance.state}: ${instance.reason}`);
}
