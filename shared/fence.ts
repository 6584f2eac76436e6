/**
 * Carries fencing out: one step a call, and an error is an answer too. What is taken away was written down before
 * (`Claim.renew`), so that `release` can give it back.
 */
import type { FenceStep } from "./core/fencing.ts";
import type { Observation } from "./core/model.ts";
import type { Progress } from "./core/progress.ts";
import { caughtFailure } from "./errors.ts";
import { setSecurityGroups, stopInstance } from "./execute.ts";
import { noted } from "./noted.ts";
import { readWorn } from "./observe/interfaces.ts";
import type { World } from "./world.ts";

/** An interface, or an instance, that is no more needs no fence. */
const GONE: ReadonlySet<string> = new Set([
  "InvalidNetworkInterfaceID.NotFound",
  "InvalidInstanceID.NotFound",
]);

/** Asks EC2 for one step of fencing. Throws only what is our own bug. */
export async function takeFence(world: World, step: FenceStep, before: Progress): Promise<Progress> {
  const at = world.clock.now();
  const first = before.fence?.first ?? at;
  const force = step.do === "stop" && step.force;
  const accepted: Progress = { ...before, fence: { at, first, force, count: 0 } };
  try {
    if (step.do === "stop") await stopInstance(world, step.instance, { force });
    else await setSecurityGroups(world, step.eni, [step.securityGroup]);
    return accepted;
  } catch (caught) {
    const failed = noted(world, caughtFailure(caught), before.fence, at);
    if (GONE.has(failed.error)) return accepted;
    world.log("warn", `${step.do} was not accepted`, { ...step, code: failed.error });
    return { ...before, fence: { ...failed, first, force } };
  }
}

/** Reads which security groups the interfaces of an instance bear, or notes why that did not succeed. */
export async function readFenced(
  world: World,
  instance: string,
  before: Progress,
): Promise<{ readonly worn?: NonNullable<Observation["worn"]>; readonly progress: Progress }> {
  const at = world.clock.now();
  try {
    return { worn: await readWorn(world, instance), progress: before };
  } catch (caught) {
    const failed = noted(world, caughtFailure(caught), before.fence, at);
    const fence = { ...failed, first: before.fence?.first ?? at, force: false };
    return { progress: { ...before, fence } };
  }
}
