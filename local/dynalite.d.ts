/** dynalite carries no types of its own. */
declare module "dynalite" {
  import type { Server } from "node:http";

  export interface DynaliteOptions {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** An HTTP server that speaks DynamoDB's API, with its tables in memory. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
