/**
 * The next step of a move, derived from the intent and from what is seen now. Steps are never stored and never
 * replayed: after a crash the same function, on a fresh look, says how to go on.
 *
 * The one invariant: only an AttachmentId that the intent names is ever detached.
 */
import { burnOf } from "./burning.ts";
import { memberOf } from "./candidates.ts";
import { type FenceStep, type Fencing, fenceFirst, nextFence } from "./fencing.ts";
import { hasBegun } from "./first.ts";
import type {
  AttachedSeen,
  Burn,
  Diagnosis,
  Group,
  Intent,
  Member,
  MemberDiagnosis,
  Observation,
  State,
} from "./model.ts";
import type { Asked, Progress } from "./progress.ts";
import {
  ATTACHING_LIMIT_MS,
  isStuckAttaching,
  mayAttach,
  mayDetach,
  mayLeave,
  refused,
  stale,
} from "./progress.ts";
import { indexesOnTarget } from "./target-indexes.ts";
import { waitForRead } from "./unread.ts";

export type MoveStep =
  | {
      readonly do: "detach";
      readonly eni: string;
      readonly attachmentId: string;
      readonly force: boolean;
      /** The index that this forced detach may make unusable: to be written down before it is asked. */
      readonly burn?: Burn;
    }
  | {
      readonly do: "attach";
      readonly eni: string;
      readonly instance: string;
      readonly deviceIndex: number;
    };

export type Step = MoveStep | FenceStep;

export type Next =
  /** Every interface is on the target, and the old active is fenced, where it has to be and can be. */
  | { readonly kind: "done"; readonly fence: Exclude<Fencing, { kind: "go" }> }
  /**
   * Steps to take now, side by side; none: wait. `stuck`: nothing goes on but a detach that may not be forced, and
   * that takes longer than EC2's slowest do.
   */
  | {
      readonly kind: "go";
      readonly steps: readonly Step[];
      readonly waiting: string;
      readonly stuck: boolean;
    }
  /** The target is dead, failing before anything reached it, or has refused: choose another. */
  | { readonly kind: "target-lost"; readonly why: string }
  /** Somebody moved an interface meanwhile: nothing more under this claim. */
  | { readonly kind: "superseded"; readonly why: string }
  /** An interface is attached to an instance outside the group. */
  | { readonly kind: "stranger"; readonly why: string }
  /** The old active was to be stopped first, and nobody has seen it stopped: nothing was detached. */
  | { readonly kind: "fence-unconfirmed"; readonly why: string };

/** What the step of one interface may be. */
type One =
  | { readonly kind: "done" | "missing" }
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "wait"; readonly why: string; readonly stuck?: boolean }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "superseded"; readonly why: string }
  | { readonly kind: "stranger"; readonly why: string };

export interface Scene {
  readonly group: Group;
  readonly state: State;
  readonly intent: Intent;
  readonly observation: Observation;
  readonly diagnosis: Diagnosis;
  readonly asked: Asked;
  readonly now: number;
}

/** One graceful detach in a hundred takes a minute; until then somebody stays to attach the interface at once. */
const SLOWEST_DETACH_MS = 60_000;
const END_IS_NEAR_MS = 30_000;

/** The next steps of the intent, or how it ends. */
export function nextSteps(scene: Scene): Next {
  const { group, intent, diagnosis } = scene;
  const target = group.members.find((member) => member.name === intent.to);
  if (target === undefined) return { kind: "target-lost", why: `${intent.to} is no longer a member` };
  const indexes = indexesOnTarget(scene, target);
  const ones = group.interfaces.map(({ eni }) => nextOfOne(scene, target, eni, indexes?.[eni]));
  const stranger = ones.find((one) => one.kind === "stranger");
  // What a stranger holds is not ours to move. What this move took off its holder already is not left on nothing for it.
  if (stranger !== undefined && !hasBegun(group, intent, scene.observation.interfaces)) return stranger;
  const superseded = ones.find((one) => one.kind === "superseded");
  if (superseded !== undefined) return superseded;
  const arrived = ones.some((one) => one.kind === "done");
  const fence: Fencing = arrived ? nextFence(scene) : { kind: "none" };
  if (ones.every((one) => one.kind === "done" || one.kind === "missing" || one.kind === "stranger")) {
    return stranger ?? ending(arrived, fence);
  }
  const lost =
    targetLost(intent, memberOf(diagnosis, intent.to), arrived) ?? ones.find((one) => one.kind === "refused");
  if (lost !== undefined && "why" in lost)
    return waitForRead(scene) ?? { kind: "target-lost", why: lost.why };
  const before = fenceFirst(scene);
  if (before !== undefined) return before;
  const waiting = ones.flatMap((one) => (one.kind === "wait" ? [one.why] : [])).join("; ");
  const beside = fence.kind === "go" ? fence.steps : [];
  return {
    kind: "go",
    steps: [...ones.flatMap((one) => (one.kind === "step" ? [one.step] : [])), ...beside],
    waiting,
    stuck:
      ones.some(isStuck) && ones.every((one) => isStuck(one) || (one.kind !== "step" && one.kind !== "wait")),
  };
}

function isStuck(one: One): boolean {
  return one.kind === "wait" && one.stuck === true;
}

/** Nothing is left to move: there, unless there is nothing that could be there. Fencing may take longer. */
function ending(arrived: boolean, fence: Fencing): Next {
  if (!arrived) return { kind: "superseded", why: "no interface of the group exists any more" };
  return fence.kind === "go" ? { ...fence, stuck: false } : { kind: "done", fence };
}

/** A begun move leaves its target only when it must: `unknown` never abandons. */
function targetLost(
  intent: Intent,
  target: MemberDiagnosis | undefined,
  arrived: boolean,
): { why: string } | undefined {
  if (target?.health === "dead") return { why: `${target.member} is dead` };
  const takenAnyhow = intent.force || intent.lastResort === true;
  if (target?.health === "failing" && !arrived && !takenAnyhow) {
    return { why: `${target.member} is failing and nothing has reached it yet` };
  }
  return undefined;
}

function nextOfOne(scene: Scene, target: Member, eni: string, deviceIndex: number | undefined): One {
  const seen = scene.observation.interfaces[eni];
  const asked = scene.asked[eni] ?? {};
  if (seen === undefined || seen.state === "missing") return { kind: "missing" };
  if (seen.state === "unread") return { kind: "wait", why: `${eni} could not be read` };
  if (stale(asked, seen, scene.now))
    return { kind: "wait", why: `the attachment of ${eni} is not visible yet` };
  if (seen.state === "available") return attachOne(scene, target, eni, deviceIndex, asked);
  const ours = seen.attachmentId === scene.intent.sources[eni];
  const comesOff = ours && (seen.state === "detaching" || isStuckAttaching(seen, scene.now));
  const stays = !ours || !mayLeave(asked, scene.now);
  if (seen.instance === target.instance && !comesOff) return onTarget(eni, seen, asked, scene.now, stays);
  const holder = scene.group.members.find((member) => member.instance === seen.instance);
  if (holder === undefined) {
    return { kind: "stranger", why: `${eni} is attached to ${seen.instance ?? "an unknown instance"}` };
  }
  if (ours) return detachOne(scene, holder, eni, seen, asked);
  if (seen.state !== "attached" && !isStuckAttaching(seen, scene.now)) {
    return { kind: "wait", why: `${eni} is ${seen.state} on ${holder.name}` };
  }
  return { kind: "superseded", why: `somebody attached ${eni} to ${holder.name} meanwhile` };
}

function onTarget(eni: string, seen: AttachedSeen, asked: Progress, now: number, stays: boolean): One {
  if (seen.state === "attached" && stays) return { kind: "done" };
  if (seen.state !== "attaching") return { kind: "wait", why: `${eni} is detaching from the target` };
  const since = asked.attach?.at ?? seen.attachedAt;
  if (now - since >= ATTACHING_LIMIT_MS) {
    return { kind: "refused", why: `${eni} has been attaching for more than ${ATTACHING_LIMIT_MS / 1000} s` };
  }
  return { kind: "wait", why: `${eni} is attaching` };
}

function attachOne(
  scene: Scene,
  target: Member,
  eni: string,
  deviceIndex: number | undefined,
  asked: Progress,
): One {
  if (deviceIndex === undefined) {
    return { kind: "refused", why: `${target.name} has no device index free for ${eni}` };
  }
  const last = asked.attach;
  if (!mayAttach(last, scene.now)) {
    return { kind: "wait", why: `${eni} is about to attach` };
  }
  if (last !== undefined && refused(last, deviceIndex)) {
    return { kind: "refused", why: `${target.name} refused ${eni} (${last.error})` };
  }
  return { kind: "step", step: { do: "attach", eni, instance: target.instance, deviceIndex } };
}

function detachOne(scene: Scene, holder: Member, eni: string, seen: AttachedSeen, asked: Progress): One {
  // A target that was passed over may have the interface attaching for ever: only force takes it back.
  const passedOver = seen.state === "attaching" && scene.intent.tried.includes(holder.name);
  const stuckThere = passedOver || isStuckAttaching(seen, scene.now);
  if (seen.state === "attaching" && !stuckThere) {
    return { kind: "wait", why: `${eni} is still attaching to ${holder.name}` };
  }
  const force = stuckThere ? "at-once" : mayForce(scene, memberOf(scene.diagnosis, holder.name));
  const last = asked.detach;
  const since = asked.detachingSince ?? last?.at ?? scene.now;
  const graceOver = scene.now - since >= scene.group.policy.graceSeconds * 1000;
  const forceNow = force === "at-once" || (force === "after-grace" && graceOver);
  const due = mayDetach(last, seen, scene.now);
  const escalate = forceNow && last?.force !== true && (last?.busyUntil === undefined || due);
  if (escalate || (due && (seen.state !== "detaching" || forceNow))) {
    const burn = forceNow ? burnOf(scene, holder, eni, seen) : undefined;
    const step = { do: "detach", eni, attachmentId: seen.attachmentId, force: forceNow } as const;
    return { kind: "step", step: burn === undefined ? step : { ...step, burn } };
  }
  const why = `${eni} is ${seen.state === "detaching" ? "detaching" : "about to detach"} from ${holder.name}`;
  const overdue = graceOver && scene.now - since >= SLOWEST_DETACH_MS;
  return { kind: "wait", why, stuck: force === "never" && overdue };
}

/**
 * When the detach from this holder may be forced. By how it is now, not by how it was at the claim: an active that
 * recovered in the middle is never forced.
 */
export function mayForce(
  scene: Pick<Scene, "group" | "intent" | "now">,
  holder: MemberDiagnosis | undefined,
): "never" | "after-grace" | "at-once" {
  const { intent, group, now } = scene;
  const failed = holder?.health === "failing" || holder?.health === "dead";
  // A rehearsal is graceful, whatever the policy says of a failing active.
  const rehearsed = intent.drill !== undefined && !failed;
  if (intent.force || (group.policy.detach === "force" && !rehearsed)) return "at-once";
  if (holder === undefined) return "never";
  if (holder.leaving !== undefined && holder.leaving.endsAt - now < END_IS_NEAR_MS) return "at-once";
  if (group.policy.detach === "graceful" || !failed) return "never";
  return holder.unreachable ? "at-once" : "after-grace";
}
