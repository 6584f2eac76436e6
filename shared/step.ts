/** Takes one step and says what EC2 answered. An error is an answer too: it is noted, and the next look decides. */
import type { Progress } from "./core/progress.ts";
import type { Step } from "./core/steps.ts";
import { Failure, isThrottle } from "./errors.ts";
import { attach, detach } from "./execute.ts";
import type { World } from "./world.ts";

/** Asks EC2 for one step. Throws only what is our own bug. */
export async function takeStep(world: World, step: Step, before: Progress): Promise<Progress> {
  return step.do === "detach" ? await takeDetach(world, step, before) : await takeAttach(world, step, before);
}

async function takeDetach(
  world: World,
  step: Extract<Step, { do: "detach" }>,
  before: Progress,
): Promise<Progress> {
  const at = world.clock.now();
  const { attach: _, ...rest } = before;
  const asked = { ...rest, detachingSince: before.detachingSince ?? at };
  try {
    await detach(world, step.attachmentId, { force: step.force });
    return { ...asked, detach: { at, force: step.force, count: 0 } };
  } catch (caught) {
    const failed = noted(world, failureOf(caught), before.detach, at);
    // Somebody, or an earlier call of ours that got no answer, has detached it already: just look.
    if (failed.error === "InvalidAttachmentID.NotFound")
      return { ...asked, detach: { at, force: step.force, count: 0 } };
    world.log("warn", "detach was not accepted", { eni: step.eni, code: failed.error, force: step.force });
    return { ...asked, detach: { ...failed, force: step.force } };
  }
}

async function takeAttach(
  world: World,
  step: Extract<Step, { do: "attach" }>,
  before: Progress,
): Promise<Progress> {
  const at = world.clock.now();
  const { eni, instance, deviceIndex } = step;
  try {
    const attachmentId = await attach(world, { eni, instance, deviceIndex });
    return { ...before, attach: { at, deviceIndex, attachmentId, count: 0 } };
  } catch (caught) {
    const failed = noted(world, failureOf(caught), before.attach, at);
    world.log("warn", "attach was not accepted", { eni, instance, deviceIndex, code: failed.error });
    return { ...before, attach: { ...failed, deviceIndex } };
  }
}

/** The failure, and when the same may be asked again where EC2 was busy. */
function noted(
  world: World,
  failure: Failure,
  before: { readonly error?: string; readonly count: number } | undefined,
  at: number,
): { at: number; error: string; count: number; busyUntil?: number } {
  const count = before?.error === failure.code ? before.count + 1 : 1;
  const failed = { at, error: failure.code, count };
  return failure.busy ? { ...failed, busyUntil: at + patience(world, failure, count) } : failed;
}

const THROTTLED_MS = 1_000;
const LONGEST_PATIENCE_MS = 20_000;
/** A change that got no answer may have been made: a read of it can be so far behind. */
const UNANSWERED_MS = 2_000;

/** How long to wait until the same is asked again: full jitter, doubling while EC2 throttles. */
function patience(world: World, failure: Failure, count: number): number {
  if (!isThrottle(failure.code)) return UNANSWERED_MS;
  return world.random() * Math.min(LONGEST_PATIENCE_MS, THROTTLED_MS * 2 ** count);
}

function failureOf(caught: unknown): Failure {
  if (!(caught instanceof Failure) || caught.next === "bug") throw caught;
  return caught;
}
