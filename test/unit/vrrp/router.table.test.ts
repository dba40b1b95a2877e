// The state table for both versions and families.
import { stateTable } from "./election.cases.ts";

stateTable(2, "ipv4");
stateTable(3, "ipv4");
stateTable(3, "ipv6");
