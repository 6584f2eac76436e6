/**
 * The surge rule: when many groups want to move on alarms or probes alone, it is the alarms that are the likelier fault.
 *
 * A group that wants to move so writes itself into the fleet item and is answered who else is there, in one call: so the
 * first ones pass and the others find them, however many look at the same time. A group that is held takes itself out.
 */
import type { Config } from "./config.ts";
import { decide, type Situation } from "./core/decide.ts";
import type { Decision } from "./core/model.ts";
import { type Fleet, forgetFleet, NOTHING_STANDS, noteFleet, readFleet } from "./store.ts";
import type { World } from "./world.ts";

export interface SurgeRule {
  /** So many other groups moved lately on such evidence, and a further one is held. */
  readonly limit: number;
  readonly seconds: number;
}

/** The rule for a fleet of this size; undefined where there are not groups enough to ever meet it. */
export function surgeRule({ groups, surge }: Config): SurgeRule | undefined {
  const all = Object.keys(groups).length;
  const limit = Math.ceil(Math.max(surge.groups, surge.share * all));
  return all - 1 < limit ? undefined : { limit, seconds: surge.seconds };
}

/** Whether the decision is one that the rule may hold: a move that rests on alarms or probes alone. */
export function mayBeSurge(
  situation: Situation,
  decision: Decision,
): decision is Extract<Decision, { kind: "move" }> {
  return (
    decision.kind === "move" && decide({ ...situation, surge: { recent: 1, limit: 0 } }).because === "surge"
  );
}

/** Decides again, by what the other groups did lately. What may move from here on has been noted for the others. */
export async function heedSurge(
  situation: Situation,
  decision: Extract<Decision, { kind: "move" }>,
  rule: SurgeRule,
  world: World,
): Promise<{ readonly situation: Situation; readonly decision: Decision }> {
  const { group, now } = situation;
  const move = { because: decision.because, by: world.nonce() };
  const fleet = await noteFleet(world, group.name, move, now - rule.seconds * 1000);
  const surge = surgeOf(fleet, group.name, rule, now);
  const again = decide({ ...situation, surge });
  const by = fleet[group.name]?.by;
  if (again.kind === "hold") await forgetFleet(world, group.name, move.by);
  // Another look of this group has noted its move: if that is held, this one still stands.
  else if (by !== undefined && by !== move.by) await noteFleet(world, group.name, move, NOTHING_STANDS);
  return { situation: { ...situation, surge }, decision: again };
}

/** The same, only read: for a look that would not move in any case. */
export async function foreseeSurge(
  situation: Situation,
  rule: SurgeRule,
  world: World,
): Promise<{ readonly situation: Situation; readonly decision: Decision }> {
  const surge = surgeOf(await readFleet(world), situation.group.name, rule, situation.now);
  return { situation: { ...situation, surge }, decision: decide({ ...situation, surge }) };
}

/** How many others moved lately, and how many may. */
export function surgeOf(
  fleet: Fleet,
  group: string,
  { limit, seconds }: SurgeRule,
  now: number,
): NonNullable<Situation["surge"]> {
  const from = now - seconds * 1000;
  const recent = Object.entries(fleet).filter(([name, move]) => name !== group && move.at > from);
  return { recent: recent.length, limit };
}
