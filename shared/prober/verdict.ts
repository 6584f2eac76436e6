/** What a prober answers: its verdict on every group, and until when its successor should go on. */
import * as v from "valibot";
import { readInput } from "../bad-request.ts";
import { must } from "../check.ts";
import { whole } from "../config/values.ts";
import type { Probed } from "../core/model.ts";

const Time = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  must("a time in epoch milliseconds", { example: 1_767_225_600_000 }),
);

const Finding = v.object({
  says: v.picklist(["serving", "silent", "unknown"]),
  since: Time,
  detail: v.pipe(v.string(), must("what the last probe met", { example: "answered" })),
  answeredAt: v.exactOptional(Time),
});

const OfGroup = v.object({
  at: Time,
  floating: v.exactOptional(Finding),
  members: v.record(v.string(), Finding),
});

/** By group. */
export const Verdicts = v.pipe(
  v.record(v.string(), OfGroup),
  must("a verdict for each group", { remedy: "give the answer of a prober as it is" }),
);

/** When the failed probes began that are not enough for a verdict yet, by group and address. */
const Doubts = v.record(v.string(), v.record(v.string(), v.array(Time)));

export interface ProbeAnswer {
  readonly verdicts: Readonly<Record<string, Probed>>;
  /** The run ended early: another one takes over and goes on until then, epoch milliseconds. Absent: it was over. */
  readonly until?: number;
  readonly doubts?: v.InferOutput<typeof Doubts>;
  /** Groups that it could not make up its mind about in so short a time. */
  readonly unsure?: readonly string[];
}

/** What a run is asked for: to go on until a time, with what the run before it knew, or for so many seconds. */
const Request = v.pipe(
  v.object({
    seconds: v.exactOptional(whole(1, 60, "seconds", 10)),
    until: v.exactOptional(Time),
    verdicts: v.exactOptional(Verdicts),
    doubts: v.exactOptional(Doubts),
  }),
  must("a map, or nothing", { example: { seconds: 10 } }),
);

export type ProbeRequest = v.InferOutput<typeof Request>;

/** Reads the input of a prober; the schedule's own event asks for a whole minute. Throws `BadRequest`. */
export function readProbeRequest(event: unknown): ProbeRequest {
  return readInput(Request, event ?? {}, "not a request to a prober");
}
