// The manual page baton(8), in mdoc(7): the commands and their options as the program itself explains them.
import { DEFAULT_FILES } from "../../src/cli/run.ts";

/** The longest input line that mandoc does not complain about is 80. */
const LINE = 78;

export interface CommandHelp {
  name: string;
  /** Its line in the overview. */
  summary: string;
  /** What `baton NAME --help` prints; "" for a command that has none. */
  help: string;
}

/** Asks a program for its commands and their help texts. `words` start it. */
export function askForHelp(words: readonly string[]): CommandHelp[] {
  const said = (...args: string[]) => {
    const run = Bun.spawnSync([...words, ...args], { stdin: "ignore" });
    if (run.exitCode !== 0) {
      throw new Error(`${[...words, ...args].join(" ")} failed: ${run.stderr.toString()}`);
    }
    return run.stdout.toString();
  };
  return [...said("help").matchAll(/^ {2}baton (\w+) +(.+)$/gm)].map(([, name = "", summary = ""]) => ({
    name,
    summary,
    help: ["help", "version"].includes(name) ? "" : said(name, "--help"),
  }));
}

/** The page. `seconds`: its date, since 1970. */
export function manualPage(commands: readonly CommandHelp[], seconds: number): string {
  const lines = [
    `.Dd ${
      new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeZone: "UTC" }).format(
        new Date(seconds * 1000),
      )
    }`,
    ".Dt BATON 8",
    ".Os",
    ".Sh NAME",
    ".Nm baton",
    ".Nd keeps a shared IP address alive with VRRP",
    ".Sh SYNOPSIS",
    ...commands.map(({ name }) =>
      `.Nm\n.Cm ${name}${["help", "version", "licenses"].includes(name) ? "" : "\n.Op Ar option ..."}`
    ),
    ".Nm keepalived",
    ".Op Ar option ...",
    ".Sh DESCRIPTION",
    ...prose(DESCRIPTION),
    ".Sh COMMANDS",
    ...commands.flatMap(command),
    ".Sh ENVIRONMENT",
    ".Bl -tag -width Ds",
    ".It Ev NOTIFY_SOCKET , WATCHDOG_USEC",
    ...prose("Set by systemd for a service of Type=notify; scripts do not inherit them."),
    ".It Ev NO_COLOR",
    ...prose("No colours."),
    ".El",
    ".Sh FILES",
    ".Bl -tag -width Ds",
    ...DEFAULT_FILES.map((file) => `.It Pa ${file}`),
    ...prose("The configuration: of these the first that exists, unless another is named."),
    ".It Pa /run/baton/",
    ...prose(
      "Socket, pid file and records of what is held and changed, one directory for each network namespace.",
    ),
    ".El",
    ".Sh EXIT STATUS",
    ...prose("Of the daemon:"),
    ".Bl -tag -width Ds",
    ...EXITS.flatMap(([code, meaning]) => [`.It ${code}`, ...prose(meaning)]),
    ".El",
    ".Sh SEE ALSO",
    ".Xr keepalived.conf 5 ,",
    ".Xr ip 8 ,",
    ".Xr keepalived 8",
    ".Sh STANDARDS",
    ...prose("RFC 3768 (VRRP version 2), RFC 5798 and RFC 9568 (version 3); RFC 5880 and RFC 5881 (BFD)."),
  ];
  return lines.join("\n") + "\n";
}

const DESCRIPTION = `\
Two or more Linux machines run baton; they elect one of them with VRRP; that one holds the virtual addresses; \
when it dies, another takes over. baton reads the keepalived.conf that is already there, or YAML with the same words.
SIGTERM and SIGINT stop the daemon, SIGHUP makes it read its configuration again. Under the name keepalived, or \
with keepalived's options and no command, it takes keepalived's command line.`;

const EXITS = [
  ["0", "It was told to stop, and has withdrawn everything."],
  ["1", "It could not start, for example because another one runs."],
  ["2", "The configuration has errors."],
  ["64", "The command line makes no sense."],
  ["70", "The engine has failed; its addresses are withdrawn."],
] as const;

/** One command's subsection: the paragraphs and the options of its help text. */
function command({ name, summary, help }: CommandHelp): string[] {
  const [first = "", ...rest] = help.trimEnd().split("\n");
  const title = first === "" ? summary : first.slice(first.indexOf(": ") + 2);
  const lines = [`.Ss baton ${name}`, ...prose(`${title[0]!.toUpperCase()}${title.slice(1)}.`)];
  const options: { flags: string; text: string[] }[] = [];
  const paragraphs: string[][] = [[]];
  for (const line of rest) {
    const option = /^ +((?:-\w, )?--[\w-]+(?: [A-Z]+)?) +(\S.*)$/.exec(line);
    if (option !== null) options.push({ flags: option[1]!, text: [option[2]!] });
    else if (options.length > 0) options.at(-1)!.text.push(line.trim());
    else if (line === "") paragraphs.push([]);
    else paragraphs.at(-1)!.push(line);
  }
  for (const paragraph of paragraphs) {
    if (paragraph.length > 0) lines.push(".Pp", ...prose(paragraph.join(" ")));
  }
  if (options.length === 0) return lines;
  lines.push(".Bl -tag -width Ds");
  for (const { flags, text } of options) lines.push(`.It ${macros(flags)}`, ...prose(text.join(" ")));
  return [...lines, ".El"];
}

/** `-f, --file FILE` in mdoc's macros. */
function macros(flags: string): string {
  return flags.split(/,? /).map((word) =>
    word.startsWith("--")
      ? `Fl \\-${word.slice(2)}`
      : word.startsWith("-")
      ? `Fl ${word.slice(1)} ,`
      : `Ar ${word}`
  ).join(" ");
}

/** Text as input lines: a new line for each sentence, none too long, nothing that roff would take for its own. */
function prose(paragraphs: string): string[] {
  return paragraphs.split("\n").flatMap((paragraph, i) => [
    ...(i > 0 ? [".Pp"] : []),
    ...paragraph.trim().split(/(?<=[a-z)\]][.:]) +(?=[A-Z])/).flatMap(folded).map((line) =>
      line.replaceAll("\\", "\\e").replace(/^[.']/, "\\&$&")
    ),
  ]);
}

/** A sentence in lines of at most LINE bytes. */
function folded(sentence: string): string[] {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
