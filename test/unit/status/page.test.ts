// The live page, its script run against a document that only keeps what it is given.
import { expect, test } from "bun:test";
import { bfdLines } from "../../../src/status/bfd.ts";
import { PAGE } from "../../../src/status/page.ts";
import { buildStatus, type Status } from "../../../src/status/snapshot.ts";
import { bfdFacts, daemonFacts, instanceConfig, instanceFacts, ROUTED, WHOLE } from "./fixture.ts";

/** As much of an element as the page uses. */
class Element {
  textContent = "";
  className = "";
  children: Element[] = [];

  append(child: Element): void {
    this.children.push(child);
  }

  replaceChildren(...children: Element[]): void {
    this.children = children;
  }

  /** Its text and that of everything in it. */
  get texts(): string[] {
    return [this.textContent, ...this.children.flatMap(({ texts }) => texts)].filter((text) => text !== "");
  }
}

/** What the page shows of an answer, by the ids of its elements. */
async function shown(answer: () => Promise<Response>): Promise<(id: string) => Element> {
  const script = /<script>([^]*?)<\/script>/.exec(PAGE)![1]!;
  const elements = new Map<string, Element>();
  const element = (id: string) => elements.getOrInsertComputed(id, () => new Element());
  const document = { getElementById: element, createElement: () => new Element() };
  const shownOnce = Promise.withResolvers<void>();
  // It asks for the next time once it has shown this one.
  new Function("document", "fetch", "setTimeout", script)(document, answer, shownOnce.resolve);
  await shownOnce.promise;
  return element;
}

function show(status: Status): Promise<(id: string) => Element> {
  return shown(() => Promise.resolve(Response.json(status)));
}

test("instances, and what belongs to none: groups, static entries, BFD sessions", async () => {
  const sessions = [bfdFacts(), bfdFacts({ state: 1, diagnostic: 1 })];
  const facts = instanceFacts({ config: instanceConfig(ROUTED), routes: [true] });
  const status = buildStatus(daemonFacts(), [facts], { ...WHOLE, sessions });
  const element = await show(status);
  expect(element("trouble").texts).toEqual([]);
  const instance = element("rows").texts.join("\n");
  for (const text of ["VI_1", "MASTER", "10.0.0.100 on eth0 (held)", "script gateway"]) {
    expect(instance).toContain(text);
  }
  const others = element("others").texts;
  expect(others).toContain("sync group SG: VI_1, MASTER");
  expect(others.filter((text) => text.startsWith("static "))).toHaveLength(
    status.statics.addresses.length + status.statics.routes.length,
  );
  expect(others.slice(-2)).toEqual(bfdLines(status.bfd));
});

test("an answer that fails is said, and what was shown stays", async () => {
  const element = await shown(() =>
    Promise.resolve(new Response("the status could not be made", { status: 500 }))
  );
  expect(element("trouble").textContent).toContain("the status could not be made");
});
