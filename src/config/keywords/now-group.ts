// Keywords of vrrp_sync_group and track_group that have effect.
import { ALL, FIRST, NOTIFY, type Row, trackRows } from "./types.ts";

// deno-fmt-ignore: one row a line
export const TRACK_GROUP: Row[] = [
  ["group", { kind: "entries", entry: null }, "{ INSTANCE... }", "required", "The instances; each may be in several groups", FIRST],
];

// deno-fmt-ignore: one row a line
export const SYNC_GROUP: Row[] = [
  ["group", { kind: "entries", entry: null }, "{ INSTANCE... }", "required", "The members; an instance may be in one group only", FIRST],
  ["track_interface", { kind: "entries", entry: "track-entry" }, "{ IF [weight N [reverse]] }", "none", "Interfaces that every member follows", ALL],
  ...trackRows("that every member follows"),
  ["notify", NOTIFY, "CMD [USER [GROUP]]", "none", "Run on each event with GROUP, name, state and 0 appended", FIRST],
  ["notify_master", NOTIFY, "CMD [USER [GROUP]]", "none", "Run when the group becomes master", FIRST],
  ["notify_backup", NOTIFY, "CMD [USER [GROUP]]", "none", "Run when it becomes backup", FIRST],
  ["notify_fault", NOTIFY, "CMD [USER [GROUP]]", "none", "Run on a fault of any member", FIRST],
  ["notify_stop", NOTIFY, "CMD [USER [GROUP]]", "none", "Run at stop", FIRST],
  ["smtp_alert", { kind: "boolean" }, "[BOOL]", "global smtp_alert_vrrp, else smtp_alert", "Mail on each event of the group"],
  ["notify_priority_changes", { kind: "boolean" }, "[BOOL]", "vrrp_notify_priority_changes", "The FIFOs hear of each change of a member's effective priority, unless the member says otherwise itself"],
  ["sync_group_tracking_weight", { kind: "flag" }, "-", "off", "Let weighted trackers of the members count; without it they are left out"],
  ["global_tracking", { kind: "flag" }, "-", "off", "Old spelling of sync_group_tracking_weight"],
];
