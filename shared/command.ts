/** Carries out a command that changes the record and nothing else. EC2 is not asked: it works when EC2 does not answer. */
import type { Config } from "./config.ts";
import type { Commanded } from "./core/commands.ts";
import { newerRecordText, pauseInForce } from "./core/first.ts";
import type { Group, State } from "./core/model.ts";
import { SCHEMA } from "./core/model.ts";
import { Failure } from "./errors.ts";
import { addedBy, deliverOutbox } from "./outbox.ts";
import { type RecordStatus, recordStatus } from "./status/record.ts";
import { readState, writeState } from "./store.ts";
import type { World } from "./world.ts";

export interface Answered {
  readonly group: string;
  /** False: it was so already, and nothing was written. */
  readonly changed: boolean;
  /** One sentence for a person. */
  readonly message: string;
  /** How the record stands now. */
  readonly record: RecordStatus;
}

/** A person waits, so it insists: two tries of a second each a read. Nobody loses five races for a record in a row. */
const TRIES = 5;

/**
 * Applies a command to the record, under the version it was read at: whoever writes meanwhile is not undone, and the
 * command is applied anew to what they wrote. A move in hand keeps its claim. Throws `Failure` where the table does not
 * answer or does not take it, or where the record has a newer schema. `mayTell`: the role may put events on the bus.
 */
export async function command(
  group: Group,
  config: Pick<Config, "historyDays">,
  world: World,
  apply: (state: State, now: number) => Commanded,
  mayTell = false,
): Promise<Answered> {
  let unanswered = "";
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const record = await readState(world, group.name);
    if (record.read === "away") {
      unanswered = record.error;
      continue;
    }
    const { state: before } = record;
    mustBeOurs(before);
    const now = world.clock.now();
    const done = apply(before, now);
    const guard = { kind: "version", version: before.version } as const;
    const { written, state } = await writeState(world, group.name, before, done.state, guard);
    if (!written) continue;
    const delivery = { historyDays: config.historyDays, ours: addedBy(before, done.state), mayTell };
    await deliverOutbox(world, group.name, state, delivery);
    const message = `${done.message}${inHand(state, now)}`;
    world.log("info", message, { group: group.name, changed: done.changed });
    return { group: group.name, changed: done.changed, message, record: recordStatus(group, state, now) };
  }
  if (unanswered !== "") throw away(unanswered);
  throw new Failure("retry", "Contention", "record", "the record changed five times meanwhile: ask again");
}

/** Throws `Failure` where a newer version has written the record: what is done about it could not be written down. */
export function mustBeOurs({ schema }: State): void {
  if (schema > SCHEMA) throw new Failure("operator", "NewerRecord", "record", newerRecordText(schema));
}

/** The record as it stands. Throws `Failure` where the table does not answer. */
export async function recordNow(world: World, group: Group): Promise<State> {
  const record = await readState(world, group.name);
  if (record.read === "ok") return record.state;
  throw away(record.error);
}

function away(why: string): Failure {
  return new Failure("retry", "TableAway", "record", `the table did not answer: ${why}`);
}

/** A pause in the middle of a move lets the move finish: said, so that nobody is surprised by it. */
function inHand(state: State, now: number): string {
  if (state.intent === undefined || pauseInForce(state, now) === undefined) return "";
  return ` The move to ${state.intent.to} that is in hand is finished if it has begun.`;
}
