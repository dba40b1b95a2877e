// keepalived's command line: short, clustered and long forms mean what they mean there.
import { describe, expect, test } from "bun:test";
import { parseKeepalived } from "../../../src/cli/keepalived_options.ts";

describe("parseKeepalived", () => {
  test("short options, separate and clustered, with joined and separate arguments", () => {
    for (const words of [["-n", "-l", "-D", "-f", "a.conf"], ["-nlDf", "a.conf"], ["-nlDfa.conf"]]) {
      const options = parseKeepalived(words);
      expect(options).toMatchObject({ foreground: true, logConsole: true, detail: true, file: "a.conf" });
    }
  });

  test("long options, with = and without, and unambiguous beginnings", () => {
    const options = parseKeepalived([
      "--dont-fork",
      "--use-file=a.conf",
      "--pid",
      "/run/p",
      "--vrrp_pid=/run/v",
      "--config-i=x",
    ]);
    expect(options).toMatchObject({
      foreground: true,
      file: "a.conf",
      pid: "/run/p",
      vrrpPid: "/run/v",
      configId: "x",
    });
  });

  test("-t takes its log file only when it is joined", () => {
    expect(parseKeepalived(["-t", "-f", "a.conf"])).toMatchObject({ test: true, file: "a.conf" });
    expect(parseKeepalived(["-t", "-f", "a.conf"]).testLog).toBeNull();
    expect(parseKeepalived(["--config-test=/tmp/log"])).toMatchObject({ test: true, testLog: "/tmp/log" });
  });

  test("facilities and masks", () => {
    const facility = (word: string) => parseKeepalived([`-S${word}`]).facility;
    expect(["0", "7", "local3", "user", "daemon"].map(facility)).toEqual([16, 23, 19, 1, 3]);
    expect(parseKeepalived(["-S", "mail"])).toMatchObject({
      facility: null,
      remarks: [
        "mail is no facility of -S, so it is ignored: write 0 to 7, local0 to local7, user or daemon",
      ],
    });
    expect(parseKeepalived([]).facility).toBeNull();
    expect(parseKeepalived(["-u", "0177"]).umask).toBe(0o177);
    expect(parseKeepalived(["-u", "9"])).toMatchObject({
      umask: null,
      remarks: ["9 is no mask for -u, so it is ignored: write it in octal, for example 0177"],
    });
  });

  test("what has no effect is said, what is unknown is refused", () => {
    expect(parseKeepalived(["-x", "word"]).remarks).toEqual([
      "word is not an option: it is ignored",
      "--snmp has no effect in baton: it has no SNMP agent; its status endpoint tells the same",
    ]);
    for (
      const words of [["-g"], ["-g/tmp/log"], ["--flush-log-file"], ["-I"], ["-c", "x"]]
    ) {
      expect(parseKeepalived(words).remarks, words[0]).toEqual([
        expect.stringMatching(/ has no effect in baton: \w.+\w$/),
      ]);
    }
    expect(parseKeepalived(["-C"]).checkersOnly).toBe(true);
    expect(parseKeepalived(["-CP"]).checkersOnly).toBe(false);
    expect(parseKeepalived(["-C", "--all"]).checkersOnly).toBe(false);
    expect(parseKeepalived(["-P"]).checkersOnly).toBe(false);
    for (
      const word of ["--debug=v", "--perf", "-L", "-O", "--no-mem-check", "--ignore-sigint", "--config-fd=3"]
    ) {
      expect(() => parseKeepalived([word]), word).toThrow(
        /: only debug builds of keepalived have it; delete it$/,
      );
    }
    expect(() => parseKeepalived(["-T"])).toThrow("there is no option -T: genhash is a program of its own");
    expect(() => parseKeepalived(["-Z"])).toThrow("there is no option -Z: see keepalived --help");
    expect(() => parseKeepalived(["--no"])).toThrow("there is no option --no");
    expect(() => parseKeepalived(["-f"])).toThrow("-f needs an argument");
    expect(() => parseKeepalived(["--vrrp=1"])).toThrow("--vrrp takes no argument");
  });
});
