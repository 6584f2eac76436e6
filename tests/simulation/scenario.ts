/** What a run is made of, all drawn from the seed: groups and their policies (`swarm.ts`), and the mishaps of the day. */

import type { Breakage } from "../../local/ec2/ec2.ts";
import type { Random } from "../../local/random.ts";
import { between } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { type Blindness, drawBlindness } from "./blindness.ts";
import { broken, drawFailure, drawMutes, drawRestarts, drawTrap } from "./failures.ts";
import { drawEndlessAttach, drawHindrance } from "./hindrances.ts";
import {
  drawAcknowledge,
  drawDooms,
  drawDrills,
  drawHandMove,
  drawOperator,
  drawPause,
  drawReleases,
} from "./people.ts";
import { drawPlans, type Planning } from "./plans.ts";
import { drawRollout, type Rollout } from "./rollout.ts";
import { drawSuppressions, type Suppression } from "./suppression.ts";
import { drawGroups, firstOf, pick } from "./swarm.ts";

export type Mishap =
  | { readonly kind: "break"; readonly breakage: Breakage }
  | { readonly kind: "alarm"; readonly alarm: string; readonly on: boolean }
  /** Somebody mutes an alarm for a while: until then it is no evidence. */
  | { readonly kind: "mute"; readonly alarm: string; readonly minutes: number }
  | Blindness
  | Rollout
  | Suppression
  | Planning
  | { readonly kind: "spot-notice"; readonly instance: string }
  | { readonly kind: "operator"; readonly group: string; readonly to?: string; readonly force: boolean }
  | { readonly kind: "pause"; readonly group: string; readonly seconds?: number }
  | { readonly kind: "resume"; readonly group: string }
  | {
      readonly kind: "acknowledge";
      readonly group: string;
      readonly member: string;
      readonly budget: boolean;
    }
  | { readonly kind: "release"; readonly group: string; readonly member: string; readonly force: boolean }
  | {
      readonly kind: "drill";
      readonly group: string;
      readonly alarm?: string;
      readonly andBack: boolean;
    }
  /** Somebody takes an interface off its holder in the console, and puts it on an instance: a member, or a stranger. */
  | { readonly kind: "hand-move"; readonly group: string; readonly eni: string; readonly to: string }
  /** Somebody switches DeleteOnTermination on: the interface is deleted with its holder, unless upkeep comes first. */
  | { readonly kind: "doom"; readonly group: string; readonly eni: string }
  /** The stranger gives back what it holds: the interface is then on nothing. */
  | { readonly kind: "give-back"; readonly group: string }
  /** When this call is next accepted for the group, the breakage follows a little later: "dying in the middle". */
  | {
      readonly kind: "trap";
      readonly group: string;
      readonly operation: "DetachNetworkInterface" | "AttachNetworkInterface";
      readonly milliseconds: number;
      readonly breakage: Breakage;
    };

export interface Timed {
  /** After the beginning, milliseconds. */
  readonly after: number;
  readonly mishap: Mishap;
}

export interface Scenario {
  readonly groups: readonly Group[];
  readonly mishaps: readonly Timed[];
  /** How long the faults last, milliseconds. */
  readonly safetyMs: number;
}

const MINUTE = 60_000;

export function drawScenario(random: Random): Scenario {
  const groups = drawGroups(random);
  const safetyMs = between(random, 4, 9) * MINUTE;
  const mishaps = groups.flatMap((group) => drawMishaps(random, group, safetyMs));
  return { groups, mishaps, safetyMs };
}

function drawMishaps(random: Random, group: Group, safetyMs: number): Timed[] {
  const mishaps: Timed[] = [];
  const failures = between(random, 1, 4);
  for (let index = 0; index < failures; index += 1) {
    const after = Math.round(random() * safetyMs * 0.7) + 1_000;
    // The first failure is most often the first active's, so that most runs have a move.
    const member = index === 0 && random() < 0.8 ? firstOf(group) : pick(random, group.members);
    mishaps.push(...drawFailure(random, group, member, after));
  }
  const hindrances = random() < 0.4 ? between(random, 1, 2) : 0;
  for (let index = 0; index < hindrances; index += 1) {
    mishaps.push({
      after: Math.round(random() * safetyMs * 0.7),
      mishap: { kind: "break", breakage: drawHindrance(random, group) },
    });
  }
  if (random() < 0.25) mishaps.push({ after: 0, mishap: drawTrap(random, group) });
  if (random() < 0.2) mishaps.push(...drawOperator(random, group, safetyMs));
  if (random() < 0.12) mishaps.push(...drawPause(random, group, safetyMs));
  if (random() < 0.1) mishaps.push(drawAcknowledge(random, group, safetyMs));
  mishaps.push(...drawReleases(group, safetyMs), ...drawDrills(group, safetyMs));
  mishaps.push(
    ...drawDooms(group, safetyMs),
    ...drawMutes(group, safetyMs),
    ...drawRestarts(group, safetyMs),
    ...drawBlindness(group, safetyMs),
    ...drawRollout(group, safetyMs),
    ...drawSuppressions(group, safetyMs),
    ...drawPlans(group, safetyMs),
    ...drawEndlessAttach(group, safetyMs).map(({ after, breakage }) => broken(breakage, after)),
  );
  if (random() < 0.1) mishaps.push(...drawHandMove(random, group, safetyMs));
  return mishaps.sort((left, right) => left.after - right.after);
}
