// Two routers on a rack: what their images and beds are, and how they come to be master and backup.
import type { Arch } from "../../native/static/machine.ts";
import { instance } from "../support/conf.ts";
import { adverts } from "../support/wire.ts";
import type { Machine, Parts } from "./machine.ts";
import type { Rack } from "./rack.ts";

/** One of the two routers. */
export interface Router {
  address: string;
  hardware: string;
  priority: number;
}

/** The one that is master whenever it can be. */
export const FIRST: Router = { address: "10.0.0.1", hardware: "52:54:00:00:00:01", priority: 150 };
export const SECOND: Router = { address: "10.0.0.2", hardware: "52:54:00:00:00:02", priority: 100 };

/** The parts of a router: the image, and a bed that gives it its card and its address. */
export function routerParts(name: string, arch: Arch, router: Router): Parts {
  return {
    name,
    arch,
    hardware: router.hardware,
    configuration: instance({ priority: router.priority }),
    bed: {
      modules: ["virtio_net"],
      steps: ["up lo", "up eth0", `address eth0 ${router.address}/24`],
    },
  };
}

/** Turns two routers on: the first becomes master, the second is its backup. */
export async function elected(
  rack: Rack,
  first: Arch,
  second: Arch,
): Promise<{ one: Machine; two: Machine }> {
  const one = rack.add(routerParts("one", first, FIRST)).start();
  const two = rack.add(routerParts("two", second, SECOND)).start();
  await one.becomes("MASTER");
  // Whoever boots first may have been master for a while.
  await two.becomes("BACKUP");
  // It may have begun to listen just now: it has to know the master before the test goes on.
  await rack.segment.next(adverts({ from: FIRST.address }), rack.segment.mark());
  return { one, two };
}
