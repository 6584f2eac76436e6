/**
 * A newer version of the controller has a group's record for a while, as in a rollout that is taken back: this version
 * then neither writes that record nor moves that group.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { between } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { SCHEMA } from "../../shared/core/model.ts";
import { stateKey } from "../../shared/store/keys.ts";
import { type SimCloud, TABLE } from "./cloud.ts";
import type { Scheduler } from "./scheduler.ts";
import { FRESH_MS, type OnCall, type OnClaim, type OnWrite } from "./seen.ts";
import { streamOf } from "./swarm.ts";

export interface Rollout {
  readonly kind: "rollout";
  readonly group: string;
  readonly seconds: number;
}

/** Who writes, in the trace. */
const NEWER = "newer-version";
const TRIES = 120;

/** For one group in twelve, and most often while its first member fails. */
export function drawRollout(group: Group, safetyMs: number): { after: number; mishap: Rollout }[] {
  const random = streamOf({ rollout: group, safetyMs });
  if (random() < 11 / 12 || group.policy.mode === "observe") return [];
  const mishap = { kind: "rollout", group: group.name, seconds: between(random, 20, 300) } as const;
  return [{ after: Math.round(random() * 0.8 * safetyMs), mishap }];
}

export class Rollouts {
  readonly #cloud: SimCloud;
  readonly #scheduler: Scheduler;
  #over = false;

  constructor(cloud: SimCloud, scheduler: Scheduler) {
    this.#cloud = cloud;
    this.#scheduler = scheduler;
  }

  begin({ group, seconds }: Rollout): void {
    this.#takeOver(group, seconds * 1000, 0);
  }

  /** It claims as this version does: only what nobody holds. */
  #takeOver(group: string, milliseconds: number, tries: number): void {
    const state = this.#cloud.state(group);
    const held = state === undefined || (state.lease?.until ?? 0) > this.#scheduler.now();
    if (held && tries < TRIES) {
      this.#scheduler.after(1_000, () => this.#takeOver(group, milliseconds, tries + 1));
    }
    if (held || this.#over || state.schema > SCHEMA) return;
    this.#write(
      group,
      "SET #schema = :schema, #epoch = #epoch + :one, #version = #version + :one REMOVE #lease",
      {
        names: { "#epoch": "epoch", "#lease": "lease" },
        schema: SCHEMA + 1,
      },
    );
    this.#scheduler.after(milliseconds, () => this.#end(group));
  }

  /** No newer version comes any more. */
  calm(groups: readonly string[]): void {
    this.#over = true;
    for (const group of groups) this.#end(group);
  }

  /** The version that we know is deployed again, and the record made one of its own. */
  #end(group: string): void {
    if ((this.#cloud.state(group)?.schema ?? 0) <= SCHEMA) return;
    this.#write(group, "SET #schema = :schema, #version = #version + :one", { names: {}, schema: SCHEMA });
  }

  #write(
    group: string,
    UpdateExpression: string,
    { names, schema }: { names: object; schema: number },
  ): void {
    const command = new UpdateCommand({
      TableName: TABLE,
      Key: stateKey(group),
      UpdateExpression,
      ExpressionAttributeNames: { "#schema": "schema", "#version": "version", ...names },
      ExpressionAttributeValues: { ":schema": schema, ":one": 1 },
    });
    this.#cloud.execute("dynamodb", command, { name: NEWER });
  }
}

export const newerIsNotWritten: OnWrite = ({ before, by }) => by === NEWER || (before?.schema ?? 0) <= SCHEMA;

export const newerIsNotClaimed: OnClaim = (_, { after }) => after.schema <= SCHEMA;

/**
 * Whoever can't read the record can't know, nor who read it just before; and to keep an interface from being deleted takes
 * nothing from anybody.
 */
export const newerIsNotTouched: OnCall = ({ operation, input, at }, _, { group, state, past, tableAway }) => {
  const keeps = operation === "ModifyNetworkInterfaceAttribute" && input.Attachment !== undefined;
  const unread = tableAway || at - past.takenOverAt(group.name) <= FRESH_MS;
  return (state?.schema ?? 0) <= SCHEMA || unread || keeps;
};
