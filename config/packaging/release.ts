// Which version is packaged, and the one date that everything in the packages bears.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VERSION } from "../../src/version.ts";

/** Debian's format (deb-changelog(5)), newest entry first: the date of a version is written here and nowhere else. */
export const CHANGELOG: string = readFileSync(join(import.meta.dir, "changelog"), "utf8");

export interface Release {
  version: string;
  /** Who keeps the packages, as `Name <address>`. */
  maintainer: string;
  /** Seconds since 1970: SOURCE_DATE_EPOCH, or the date of the version. */
  seconds: number;
}

/** Throws an Error of one sentence when the changelog does not begin with this version. */
export function release(
  changelog = CHANGELOG,
  epoch = process.env["SOURCE_DATE_EPOCH"],
  version = VERSION,
): Release {
  const first = /^baton \(([^)]+)\) .*$/m.exec(changelog);
  const signed = /^ -- (.+?) {2}(.+)$/m.exec(changelog);
  const date = signed === null ? NaN : Date.parse(signed[2]!);
  if (first?.[1] !== version || signed === null || Number.isNaN(date)) {
    throw new Error(
      `config/packaging/changelog does not begin with version ${version} and its date: add an entry`,
    );
  }
  if (epoch !== undefined && !/^\d+$/.test(epoch)) {
    throw new Error(`SOURCE_DATE_EPOCH=${epoch} is not a number of seconds: unset it`);
  }
  return { version, maintainer: signed[1]!, seconds: epoch === undefined ? date / 1000 : Number(epoch) };
}
