/**
 * Reads many instances jointly and, when that fails, in halves.
 *
 * For a look at a whole fleet: one instance in a hundred that can't be read must not hide the others, and a zone in
 * disruption must not turn one call into hundreds.
 */
import { caughtFailure, Failure } from "../errors.ts";
import type { World } from "../world.ts";
import { helpsApart, type Read } from "./apart.ts";
import { together } from "./together.ts";

/** How many more calls may be made beyond the first ones: shared by all the batches of a look. */
export interface Spare {
  calls: number;
}

/**
 * What `describe` answers of each instance, or what `failed` makes of it. Ids that EC2 does not know are dropped by
 * name; any other failure halves the batch, while there are spare calls. Throws only what is our own bug.
 */
export async function readInHalves<Seen>(
  world: World,
  ids: readonly string[],
  read: Read<Seen>,
  spare: Spare,
): Promise<Record<string, Seen>> {
  if (ids.length === 0) return {};
  try {
    return await read.describe(ids);
  } catch (caught) {
    const error = caughtFailure(caught);
    const unknown = unknownIds(error, ids);
    const known = ids.filter((id) => !unknown.includes(id));
    const parts = unknown.length > 0 ? [known] : halves(known);
    const again = unknown.length > 0 || (ids.length > 1 && helpsApart(error));
    const level = unknown.length > 0 ? "debug" : "warn";
    world.log(level, "instances could not be read jointly", { instances: ids.length, error: error.message });
    const gone = each(unknown, () => read.failed(error));
    if (!again || spare.calls < parts.length || world.signal.aborted) {
      return { ...gone, ...each(known, () => read.failed(ids.length === 1 ? error : ofBatch(error))) };
    }
    spare.calls -= parts.length;
    const rest = await together(parts.map((part) => readInHalves(world, part, read, spare)));
    return Object.assign(gone, ...rest);
  }
}

function each<Seen>(ids: readonly string[], seen: () => Seen): Record<string, Seen> {
  return Object.fromEntries(ids.map((id) => [id, seen()]));
}

/** What EC2 does not know of a batch says of no single one of it that it is gone. */
function ofBatch(failure: Failure): Failure {
  if (failure.code !== NOT_FOUND) return failure;
  return new Failure("look-again", "NotRead", "read", `read with others: ${failure.message}`);
}

const NOT_FOUND = "InvalidInstanceID.NotFound";
const INSTANCE_ID = /\bi-[0-9a-f]+\b/g;

/** The ids of `ids` that EC2 named as unknown. Which error it is, its code says; the text only names. */
function unknownIds(failure: Failure, ids: readonly string[]): string[] {
  if (failure.code !== NOT_FOUND) return [];
  const named = new Set(failure.message.match(INSTANCE_ID) ?? []);
  return ids.filter((id) => named.has(id));
}

function halves(ids: readonly string[]): string[][] {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)];
}
