// The live page for a browser: one document without outside assets that reads /status each second.

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
#daemon { opacity: .7; margin: 0 0 1.5rem; }
#trouble { color: #c62828; font-weight: 600; min-height: 1.5em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-top: 1px solid #8884; }
td.num { font-variant-numeric: tabular-nums; }
.state { font-weight: 700; }
.MASTER { color: #2e7d32; } .BACKUP { color: #1565c0; } .FAULT, .bad { color: #c62828; } .INIT { color: #b26a00; }
.small { font-size: .85em; opacity: .75; }
`;

const SCRIPT = `
const $ = (id) => document.getElementById(id);
const el = (name, text, className) => {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
};
const span = (s) => {
  const units = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];
  let rest = Math.max(0, Math.floor(s)), out = [];
  for (const [unit, size] of units) {
    if (out.length === 2 || (out.length === 0 && rest < size && size > 1)) continue;
    out.push(Math.floor(rest / size) + unit);
    rest %= size;
  }
  return out.join(" ");
};
const cell = (row, lines, className) => {
  const td = el("td", undefined, className);
  for (const [text, cls] of lines) td.append(el("div", text, cls));
  row.append(td);
};
const address = (a) => [a.address + " on " + a.interface + (a.held ? " (held)" : ""), a.held ? "state" : ""];
const route = (r) => [r.kind + " " + r.text + (r.held ? " (there)" : ""), r.held ? "state small" : "small"];
const session = (b) => {
  const up = b.state === "Up";
  const detail = up ? ", silence of " + b.detection_ms + " ms is noticed" : " (" + b.diagnostic + ")";
  return ["BFD " + b.name + " with " + b.neighbor + ": " + b.state + detail, up ? "state" : "bad"];
};
const show = (status) => {
  const d = status.daemon;
  $("daemon").textContent = "baton " + d.version + ", pid " + d.pid + ", up " + span(d.uptime_s) + ", " + d.config;
  const rows = status.instances.map((i) => {
    const row = el("tr");
    const p = i.priority;
    cell(row, [[i.name, "state"], [i.interface + ", VRID " + i.vrid + ", v" + i.vrrp_version + " " + i.family + (i.sync_group === null ? "" : ", group " + i.sync_group), "small"]]);
    cell(row, [
      [i.state, "state " + i.state],
      [i.reason, "small"],
      ["for " + span((Date.now() - Date.parse(i.since)) / 1000) + ", since " + i.since.slice(0, 19) + "Z", "small"],
    ]);
    cell(row, [[p.effective === p.base ? String(p.base) : p.effective + " (base " + p.base + ")"]], "num");
    cell(row, [[!i.master ? "-" : i.state === "MASTER" ? "this router" : i.master.address + " (" + i.master.priority + ")"]]);
    cell(row, [...i.addresses.map(address), ...i.routes.map(route)]);
    cell(row, i.trackers.map((t) => [
      t.kind + " " + t.name + (t.ok === null ? ": no result yet" : t.ok ? ": ok" : ": fails"),
      t.ok === false ? "bad" : "",
    ]));
    return row;
  });
  $("rows").replaceChildren(...rows);
  const others = [
    ...status.groups.map((g) => ["sync group " + g.name + ": " + g.members.join(", ") + ", " + g.state, "state " + g.state]),
    ...status.statics.addresses.map((a) => ["static " + address(a)[0]]),
    ...status.statics.routes.map((r) => ["static " + route(r)[0]]),
    ...status.bfd.map(session),
  ];
  $("others").replaceChildren(...others.map(([text, cls]) => el("div", text, cls)));
};
const refresh = async () => {
  try {
    const answer = await fetch("status", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(await answer.text());
    show(await answer.json());
    $("trouble").textContent = "";
  } catch (error) {
    $("trouble").textContent = "No answer from the daemon: what is shown below is old. (" + error.message + ")";
  }
  setTimeout(refresh, 1000);
};
refresh();
`;

function sourceHash(text: string): string {
  return `'sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}'`;
}

/** Content-Security-Policy of the page: its own style and script, its own origin, nothing else. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  `style-src ${sourceHash(STYLE)}`,
  `script-src ${sourceHash(SCRIPT)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The document. It holds no data: names reach it as text nodes only. */
export const PAGE: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>baton</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Virtual routers</h1>
<p id="daemon"></p>
<p id="trouble" role="status"></p>
<div class="wide"><table>
<thead><tr><th>Instance<th>State<th>Priority<th>Master<th>Addresses, routes<th>Trackers</tr></thead>
<tbody id="rows"></tbody>
</table></div>
<div id="others"></div>
<noscript>This page needs JavaScript; the same status is at <a href="status">status</a> as JSON.</noscript>
<script>${SCRIPT}</script>
</body>
</html>
`;
