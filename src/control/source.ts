// The configuration file of a running daemon: read at the start and at each reload, and what is kept of that.
import { hostname } from "node:os";
import { type Diagnostic, diagnosticLine } from "../config/diagnostic.ts";
import type { DaemonSettings } from "../config/daemon.ts";
import type { Config } from "../config/model.ts";
import { readConfig, type YamlParser } from "../config/read.ts";
import type { Log } from "./log.ts";
import { type GivenSettings, withGiven } from "./process.ts";
import type { ReloadAnswer } from "./steps.ts";
import { reloadMarker, writeFindings } from "./reload_files.ts";
import { SavedConfigurations } from "./saved.ts";

export interface SourceOptions {
  file: string;
  /** From yamlParserFor(file). */
  yaml: YamlParser | null;
  configId: string | undefined;
  /** What the command line says of the process itself; it wins over the configuration. */
  given?: GivenSettings;
}

/** What a reading came to. */
export interface Reading {
  /** Null when the file has errors. */
  config: Config | null;
  findings: ReloadAnswer["findings"];
}

/** The file, and the log that hears what is found in it. */
export class Source {
  readonly #options: SourceOptions;
  readonly #log: Log;
  readonly #saved = new SavedConfigurations();

  constructor(options: SourceOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** Reads the file and logs what is found in it, a line each. */
  read(): Reading {
    const { file, configId, yaml, given } = this.#options;
    const options = {
      hostName: hostname(),
      allIncludes: given?.allIncludes ?? false,
      ...(configId === undefined ? {} : { configId }),
    };
    const { config: read, diagnostics, effective } = readConfig(file, options, yaml);
    const config = read === null ? null : withGiven(read, given);
    this.#complain(this.#saved.save(config?.daemon.saveDirectory ?? null, effective));
    const findings = diagnostics.map(finding);
    for (const { severity, text } of findings) this.#log.write(severity, text);
    return { config, findings };
  }

  /** The same at a reload, with the files that tell others of it as `running` has them. `data`: the data dump. */
  readAgain(running: DaemonSettings, data: () => string | null): Reading {
    this.#complain(this.#saved.dump(running.saveDirectory, "pre", data));
    const marker = reloadMarker(running);
    this.#complain(marker.begin());
    const reading = this.read();
    this.#complain(marker.end());
    this.#complain(writeFindings(running.reload, reading.findings));
    return reading;
  }

  /** The reload is over: keeps the data dump after it, where the dump before it is kept. */
  reloaded(before: DaemonSettings, data: () => string | null): void {
    this.#complain(this.#saved.dump(before.saveDirectory, "post", data));
  }

  /** These files are a help to others: what goes wrong with them is logged. */
  #complain(text: string | null): void {
    if (text !== null) this.#log.write("warning", text);
  }
}

function finding(diagnostic: Diagnostic): Reading["findings"][number] {
  return { severity: diagnostic.severity, text: diagnosticLine(diagnostic) };
}
