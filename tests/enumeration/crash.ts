/**
 * A story of which one invocation is killed at one call, before or after its effect; the sweep that takes over may be
 * killed too. Then sweeps run in peace.
 */
import { OWN, primaryOf, QUARANTINE } from "../simulation/fences.ts";
import { FIRST } from "./groups.ts";
import type { Crash } from "./stage.ts";
import { MINUTE, Stage } from "./stage.ts";
import type { Story } from "./stories.ts";

/** So many sweeps, a minute apart, must be enough. */
const SWEEPS = 3;

export interface Aftermath {
  /** How many calls the last invocation made that was to be killed: fewer than that, and it was not. */
  readonly calls: number;
  /** Empty: all has settled. */
  readonly wrong: readonly string[];
}

/** How many calls the invocation of the story makes when it is left alone. */
export async function callsOf(story: Story): Promise<number> {
  const { wrong, calls } = await afterCrash(story, undefined);
  if (wrong.length > 0) throw new Error(`${story.name}, left alone: ${wrong.join("; ")}`);
  return calls;
}

/** What comes of it when the invocation is killed, and the first sweep after it too. */
export async function afterCrash(story: Story, crash: Crash | undefined, again?: Crash): Promise<Aftermath> {
  const stage = new Stage(story.group);
  await story.prepare(stage);
  const work = story.work?.(stage) ?? stage.sweep;
  const first = stage.invoke("first", work, crash);
  await stage.pass(MINUTE);
  const last = again === undefined ? first : stage.invoke("second", stage.sweep, again);
  if (again !== undefined) await stage.pass(MINUTE);
  const { calls } = last;
  await stage.sweepOnce();
  for (let sweeps = 1; sweeps < SWEEPS && stage.state.intent !== undefined; sweeps += 1)
    await stage.sweepOnce();
  // Once settled it stays so, and what is left to say is said.
  await stage.sweepOnce();
  // EC2 takes its time to stop an instance, by force too.
  if (story.fenced === "stopped") await stage.until(() => isFenced(stage, "stopped")).catch(() => undefined);
  return { calls, wrong: wrongIn(stage, story) };
}

function wrongIn(stage: Stage, story: Story): string[] {
  const wrong = [...stage.wrong()];
  const { state, history, holders, detached } = stage;
  const forgotten = story.askedOnce === true && state.epoch === 0;
  const demand = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what);
  };
  const holder = forgotten ? stage.group.members[0]?.instance : story.holder;
  demand(
    `all interfaces are on ${holder}, not on ${holders.join(", ")}`,
    holders.every((one) => one === holder),
  );
  demand("no intent is left", state.intent === undefined);
  demand("no lease is left", state.lease === undefined);
  if (forgotten) {
    demand("nothing was moved", state.moves.length === 0 && detached.length === 0);
    return wrong;
  }
  demand(`one move was made, not ${state.moves.length}`, state.moves.length === 1);
  for (const [key, value] of Object.entries(story.move)) {
    const is = (state.moves[0] as Readonly<Record<string, unknown>> | undefined)?.[key];
    demand(`the move's ${key} is ${String(value)}, not ${String(is)}`, is === value);
  }
  const told = history.filter(({ kind }) => kind === (story.move.failed === true ? "failed-move" : "move"));
  demand(`one history item tells of the move, not ${told.length}`, told.length === 1);
  demand("the epoch has grown", state.epoch >= 1);
  const expected = stage.group.interfaces.length;
  demand(`no interface is detached twice (${detached.join(", ")})`, new Set(detached).size === expected);
  const burned = state.burned.length;
  demand(`what was forced is known to be burned: ${forced(stage)}, not ${burned}`, burned >= forced(stage));
  demand(
    `${story.burned} indexes are burned, not ${burned}`,
    story.burned === undefined || burned === story.burned,
  );
  if (story.fenced !== undefined)
    demand(`the first member is ${story.fenced}`, isFenced(stage, story.fenced));
  return wrong;
}

function isFenced(stage: Stage, how: "isolated" | "stopped"): boolean {
  const { ec2 } = stage.cloud;
  const now = stage.now();
  if (how === "stopped") return ec2.instanceTruth(FIRST, now)?.state === "stopped";
  const worn = ec2.securityGroupsTruth(primaryOf(FIRST), now);
  return (
    worn?.join() === QUARANTINE && stage.state.isolated[FIRST]?.[primaryOf(FIRST)]?.join() === OWN.join()
  );
}

/** Attachments that were forced off a running instance. */
function forced(stage: Stage): number {
  const forcedOff = stage.calls("DetachNetworkInterface").filter(({ input, holder, at }) => {
    const running = holder !== undefined && stage.cloud.ec2.instanceTruth(holder, at)?.state === "running";
    return input.Force === true && running;
  });
  return new Set(forcedOff.map(({ input }) => input.AttachmentId)).size;
}
