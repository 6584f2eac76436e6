/** What is known of a detach once EC2 has answered it: since when the interface comes off. */
import { expect, it } from "vitest";
import type { Progress } from "../shared/core/progress.ts";
import { takeStep } from "../shared/step.ts";
import { awsError, stubWorld, T0 } from "./stub-world.ts";

const STEP = { do: "detach", eni: "eni-a", attachmentId: "eni-attach-1", force: false } as const;

/** Asks four seconds apart, and EC2 answers each as said; answers what is known in the end, in seconds from the first. */
async function asked(...answers: readonly (Error | "accepted")[]): Promise<number | undefined> {
  const { world } = stubWorld((_operation, _input, nth) => {
    const answer = answers[nth - 1];
    if (answer instanceof Error) throw answer;
    return {};
  });
  let progress: Progress = {};
  for (const _ of answers) {
    progress = await takeStep(world, STEP, progress);
    await world.clock.sleep(4_000);
  }
  const since = progress.detachingSince;
  return since === undefined ? undefined : (since - T0) / 1000;
}

const refused = awsError("IncorrectState");
const throttled = awsError("RequestLimitExceeded", 503);
const unanswered = Object.assign(new Error("timed out"), { name: "TimeoutError" });

it.each([
  { name: "an interface comes off from when it was asked for", answers: ["accepted"], since: 0 },
  { name: "and no later where it is asked for again", answers: ["accepted", "accepted"], since: 0 },
  { name: "what was refused comes off from when it was accepted", answers: [refused, "accepted"], since: 4 },
  { name: "what was throttled too", answers: [throttled, throttled, "accepted"], since: 8 },
  { name: "what got no answer may have been accepted", answers: [unanswered, "accepted"], since: 0 },
  { name: "while it is refused, patience counts from the first time", answers: [refused, refused], since: 0 },
  {
    name: "once it has come off by another hand too",
    answers: [refused, awsError("InvalidAttachmentID.NotFound")],
    since: 4,
  },
] as const)("$name", async ({ answers, since }) => {
  expect(await asked(...answers)).toBe(since);
});
