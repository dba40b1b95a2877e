// What neighbouring instances have alike is kept once: here, and so in the message to the engine and there.
import type { InstanceConfig } from "./model.ts";

const NONE: never[] = [];

/** Replaces equal parts of the instances by the same one. The parts are never changed in place. */
export function shareAlike(instances: readonly InstanceConfig[]): void {
  let before: InstanceConfig | null = null;
  for (const instance of instances) {
    dropEmpty(instance);
    if (before !== null) {
      if (alike(instance.announce, before.announce)) instance.announce = before.announce;
      if (alike(instance.notify, before.notify)) instance.notify = before.notify;
      // Equal, but each a piece of the text of its own.
      if (instance.interface === before.interface) instance.interface = before.interface;
    }
    for (const list of [instance.addresses, instance.excludedAddresses]) {
      for (const address of list) {
        if (address.interface === instance.interface) address.interface = instance.interface;
      }
    }
    before = instance;
  }
}

function alike(a: object, b: object): boolean {
  return a !== b && Bun.deepEquals(a, b);
}

function dropEmpty(instance: InstanceConfig): void {
  if (instance.unicastPeers.length === 0) instance.unicastPeers = NONE;
  if (instance.peerLimits.length === 0) instance.peerLimits = NONE;
  if (instance.addresses.length === 0) instance.addresses = NONE;
  if (instance.excludedAddresses.length === 0) instance.excludedAddresses = NONE;
  if (instance.routes.length === 0) instance.routes = NONE;
  if (instance.rules.length === 0) instance.rules = NONE;
  if (instance.trackInterfaces.length === 0) instance.trackInterfaces = NONE;
  if (instance.trackScripts.length === 0) instance.trackScripts = NONE;
  if (instance.trackFiles.length === 0) instance.trackFiles = NONE;
  if (instance.trackProcesses.length === 0) instance.trackProcesses = NONE;
  if (instance.trackBfds.length === 0) instance.trackBfds = NONE;
  if (instance.vmacs.length === 0) instance.vmacs = NONE;
}
