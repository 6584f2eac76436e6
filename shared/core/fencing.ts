/**
 * Fencing: what keeps the failed active from doing harm once the group has left it. As with detach and attach, the next
 * step is derived from the intent and from what is seen; a crash is repaired by the same function on a fresh look.
 *
 * The member is fenced whatever it looks like by then: it failed, and nobody knows what it did in between.
 */
import { memberOf } from "./candidates.ts";
import type { Group, Hold, InstanceSeen, Member, Move, MoveFence, Observation, State } from "./model.ts";
import { fenceGivenUp, type Progress } from "./progress.ts";
import type { Next, Scene, Step } from "./steps.ts";
import { waitForRead } from "./unread.ts";

export type FenceStep =
  | {
      readonly do: "isolate";
      readonly member: string;
      readonly eni: string;
      /** What the interface bears now: to be written down before it is changed. */
      readonly groups: readonly string[];
      readonly securityGroup: string;
    }
  | { readonly do: "stop"; readonly instance: string; readonly force: boolean };

export type Fencing =
  | { readonly kind: "none" }
  | { readonly kind: "go"; readonly steps: readonly FenceStep[]; readonly waiting: string }
  /** `told`: for the operator, a sentence. */
  | { readonly kind: "done"; readonly told: string }
  | { readonly kind: "given-up"; readonly why: string };

const ASK_AGAIN_MS = 10_000;
const ASK_AGAIN_AFTER_ERROR_MS = 2000;
/** So long the old active may take to be seen stopped, where that comes before the move. */
const CONFIRM_LIMIT_MS = 60_000;

/**
 * How a move fences: only a failover. A dead active needs it only where the stop has to be confirmed first, since
 * `stopping` counts as dead and is not stopped.
 */
export function fenceOf(move: Move, { policy }: Group): MoveFence | undefined {
  const { fence, fenceFirst } = policy;
  if (fence.kind === "none" || move.from === undefined) return undefined;
  const first = fence.kind === "stop" && fenceFirst;
  const dead = move.because === "active-dead" || move.because === "last-resort";
  if (move.because !== "active-failing" && !(first && dead)) return undefined;
  return first ? { kind: "stop", first } : fence;
}

/** The next steps that fence the old active, or how that ended. Nothing where the move came back to it. */
export function nextFence(scene: Scene): Fencing {
  const { fence, from, to } = scene.intent;
  const old = scene.group.members.find((member) => member.name === from);
  if (fence === undefined || old === undefined || from === to) return { kind: "none" };
  return fence.kind === "stop" ? stopOld(scene, old, fence) : isolateOld(scene, old, fence);
}

/** What comes before the move: nothing is detached until the old active is seen stopped. Undefined: go on. */
export function fenceFirst(scene: Scene): Extract<Next, { kind: "go" | "fence-unconfirmed" }> | undefined {
  const { intent } = scene;
  // An interface on nothing says nothing: it may have been so before, or somebody else has asked for its detach.
  const begun = intent.phases.detachAsked !== undefined || hasArrived(scene);
  if (intent.fence?.first !== true || begun) return undefined;
  const fence = nextFence(scene);
  if (fence.kind === "none" || fence.kind === "done") return undefined;
  // It may be on the target: nobody can say that nothing was detached.
  const unread = waitForRead(scene);
  if (unread !== undefined) return { ...unread, steps: fence.kind === "go" ? fence.steps : [] };
  if (fence.kind === "given-up") return { kind: "fence-unconfirmed", why: fence.why };
  if (scene.now - intent.since >= CONFIRM_LIMIT_MS) {
    const why = `${intent.from} has not been seen stopped within ${CONFIRM_LIMIT_MS / 1000} s`;
    return { kind: "fence-unconfirmed", why };
  }
  return { kind: "go", steps: fence.steps, waiting: fence.waiting, stuck: false };
}

/**
 * An interface that was elsewhere at the claim has come to the target: it was detached under this intent, though the
 * holder that asked may not have lived to write that down.
 */
function hasArrived({ group, intent, observation }: Scene): boolean {
  const target = group.members.find(({ name }) => name === intent.to);
  return group.interfaces.some(({ eni }) => {
    const seen = observation.interfaces[eni];
    if (seen === undefined || !("attachmentId" in seen) || seen.instance !== target?.instance) return false;
    return intent.sources[eni] !== undefined && seen.attachmentId !== intent.sources[eni];
  });
}

/** The instance whose interfaces have to be read: it is about to be isolated, and they have not been. */
export function instanceToRead(
  group: Group,
  { fence, from, to }: Scene["intent"],
  observation: Observation,
): string | undefined {
  if (fence?.kind !== "isolate" || from === to || observation.worn !== undefined) return undefined;
  const [old, target] = [from, to].map((name) => group.members.find((member) => member.name === name));
  const arrived = group.interfaces.some(({ eni }) => {
    const seen = observation.interfaces[eni];
    return seen?.state === "attached" && seen.instance === target?.instance;
  });
  return arrived ? old?.instance : undefined;
}

function isolateOld(scene: Scene, old: Member, fence: MoveFence): Fencing {
  const securityGroup = fence.securityGroup ?? "";
  if (isEnding(scene, old)) return { kind: "done", told: `${old.name} is not running.` };
  const unread = fenceGivenUp(scene.asked[old.instance]?.fence, scene.now);
  if (scene.observation.worn === undefined) {
    const why = `the other interfaces of ${old.name} could not be read`;
    return unread === undefined
      ? { kind: "go", steps: [], waiting: why }
      : { kind: "given-up", why: `${why} (${unread})` };
  }
  const floating = new Set([...scene.group.interfaces.map(({ eni }) => eni), ...(fence.except ?? [])]);
  const others = Object.entries(scene.observation.worn).filter(([eni]) => !floating.has(eni));
  const pending = others.filter(([eni, groups]) => {
    const asked = scene.asked[eni]?.fence;
    const accepted = asked !== undefined && asked.error === undefined;
    return !accepted && !(groups.length === 1 && groups[0] === securityGroup);
  });
  const left = pending.flatMap(([eni]) => fenceGivenUp(scene.asked[eni]?.fence, scene.now) ?? []);
  if (pending.length === 0) return { kind: "done", told: isolatedText(old, securityGroup, others) };
  if (left.length === pending.length) {
    const why = `${pending.map(([eni]) => eni).join(", ")} could not get ${securityGroup} (${left.join(", ")})`;
    return { kind: "given-up", why };
  }
  const due = pending.filter(([eni]) => {
    const asked = scene.asked[eni]?.fence;
    return isDue(asked, scene.now) && fenceGivenUp(asked, scene.now) === undefined;
  });
  const steps = due.map(
    ([eni, groups]) => ({ do: "isolate", member: old.name, eni, groups, securityGroup }) as const,
  );
  return { kind: "go", steps, waiting: `${old.name} is being isolated` };
}

function isolatedText(
  old: Member,
  securityGroup: string,
  others: readonly (readonly [string, unknown])[],
): string {
  const which = others.map(([eni]) => eni).join(", ");
  if (which === "") return `${old.name} has no other interface to isolate.`;
  return `${old.name} is isolated: ${which} in ${securityGroup}; "release" gives the old security groups back.`;
}

/** A guest that does not answer is not asked; any other has the grace before it is forced, as with a detach. */
function stopOld(scene: Scene, old: Member, { first = false }: MoveFence): Fencing {
  const asked = scene.asked[old.instance]?.fence;
  const accepted = asked !== undefined && asked.error === undefined;
  const state = stateOf(scene, old);
  if (isStopped(scene, old)) return { kind: "done", told: `${old.name} is stopped.` };
  if (state === "shutting-down") {
    const waiting = `${old.name} is shutting down`;
    return first ? { kind: "go", steps: [], waiting } : { kind: "done", told: `${waiting}.` };
  }
  if (!first && accepted && asked.force) {
    return { kind: "done", told: `${old.name} is being stopped by force.` };
  }
  const refused = fenceGivenUp(asked, scene.now);
  if (refused !== undefined)
    return { kind: "given-up", why: `${old.name} could not be stopped (${refused})` };
  const graceOver = asked !== undefined && scene.now - asked.first >= scene.group.policy.graceSeconds * 1000;
  const unreachable = memberOf(scene.diagnosis, old.name)?.unreachable === true;
  const force = unreachable || graceOver || asked?.force === true;
  const escalate = accepted && force && !asked.force;
  const unheard = accepted && state !== "stopping" && scene.now - asked.at >= ASK_AGAIN_MS;
  const due = isDue(asked, scene.now) || escalate || unheard;
  const steps = due ? [{ do: "stop", instance: old.instance, force } as const] : [];
  return { kind: "go", steps, waiting: `${old.name} is being stopped` };
}

/** Not asked yet, or asked without success and long enough ago. */
function isDue(fence: Progress["fence"], now: number): boolean {
  if (fence === undefined) return true;
  if (fence.error === undefined) return false;
  return now >= (fence.busyUntil ?? fence.at + ASK_AGAIN_AFTER_ERROR_MS);
}

function seenOf({ observation }: Pick<Scene, "observation">, member: Member): InstanceSeen | undefined {
  return observation.members[member.name]?.instance;
}

function stateOf(scene: Pick<Scene, "observation">, member: Member): string | undefined {
  const seen = seenOf(scene, member);
  return seen?.read === "ok" ? seen.state : undefined;
}

/** Nothing runs on it any more. */
function isStopped(scene: Pick<Scene, "observation">, member: Member): boolean {
  const state = stateOf(scene, member);
  return seenOf(scene, member)?.read === "not-found" || state === "stopped" || state === "terminated";
}

function isEnding(scene: Pick<Scene, "observation">, member: Member): boolean {
  return isStopped(scene, member) || stateOf(scene, member) === "shutting-down";
}

/** Its stop was asked for and is on its way, but nobody has seen its end. */
export function isOnItsWayDown(observation: Observation, member: string): boolean {
  const seen = observation.members[member]?.instance;
  return seen?.read === "ok" && (seen.state === "stopping" || seen.state === "shutting-down");
}

/** The security groups that these steps take away, written down: once, so that a repeated step can't write its own. */
export function withOldGroups(isolated: State["isolated"], steps: readonly Step[]): State["isolated"] {
  let next = isolated;
  for (const step of steps) {
    if (step.do !== "isolate" || next[step.member]?.[step.eni] !== undefined) continue;
    next = { ...next, [step.member]: { ...next[step.member], [step.eni]: step.groups } };
  }
  return next;
}

/** The hold of a group whose old active was to be stopped first. */
export function fenceUnconfirmed(why: string, to: string): Hold {
  const message = `${why}: nothing has been detached. The move begins as soon as the stop is seen.`;
  return { kind: "hold", because: "fence-unconfirmed", message, notify: true, override: { to } };
}
