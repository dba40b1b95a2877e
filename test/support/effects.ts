// A router's effects that do nothing.
import type { Effects } from "../../src/vrrp/router.ts";

const nothing = () => {};

/** For tests that look at the router alone. */
export const NO_EFFECTS: Effects = {
  advertise: nothing,
  hold: nothing,
  release: nothing,
  announce: nothing,
  transition: nothing,
  delaying: nothing,
  heard: nothing,
  left: nothing,
};
