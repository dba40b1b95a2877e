// The front door: from the command line to one command.
import { commandLine } from "./cli/commands.ts";

process.exitCode = await commandLine();
