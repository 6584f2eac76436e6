/** Takes one step and says what EC2 answered. An error is an answer too: it is noted, and the next look decides. */
import type { Progress } from "./core/progress.ts";
import type { Step } from "./core/steps.ts";
import { caughtFailure, isThrottle } from "./errors.ts";
import { attach, detach } from "./execute.ts";
import { takeFence } from "./fence.ts";
import { noted } from "./noted.ts";
import type { World } from "./world.ts";

/** Asks EC2 for one step. Throws only what is our own bug. */
export async function takeStep(world: World, step: Step, before: Progress): Promise<Progress> {
  if (step.do === "detach") return await takeDetach(world, step, before);
  if (step.do === "attach") return await takeAttach(world, step, before);
  return await takeFence(world, step, before);
}

async function takeDetach(
  world: World,
  step: Extract<Step, { do: "detach" }>,
  before: Progress,
): Promise<Progress> {
  const at = world.clock.now();
  const { attach: _, ...rest } = before;
  const asked = { ...rest, detachingSince: before.detachingSince ?? at };
  // What EC2 has refused until now begins to come off now.
  const accepted = {
    ...asked,
    ...(wasRefused(before) ? { detachingSince: at } : {}),
    detach: { at, force: step.force, count: 0 },
  };
  try {
    await detach(world, step.attachmentId, { force: step.force });
    return accepted;
  } catch (caught) {
    const failed = noted(world, caughtFailure(caught), before.detach, at);
    // Somebody, or an earlier call of ours that got no answer, has detached it already: just look.
    if (failed.error === "InvalidAttachmentID.NotFound") return accepted;
    world.log("warn", "detach was not accepted", { eni: step.eni, code: failed.error, force: step.force });
    return { ...asked, detach: { ...failed, force: step.force } };
  }
}

/** The last detach was refused; one that got no answer may have been accepted. */
function wasRefused({ detach: last }: Progress): boolean {
  if (last?.error === undefined) return false;
  return last.busyUntil === undefined || isThrottle(last.error);
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
    const failed = noted(world, caughtFailure(caught), before.attach, at);
    world.log("warn", "attach was not accepted", { eni, instance, deviceIndex, code: failed.error });
    return { ...before, attach: { ...failed, deviceIndex } };
  }
}
