/**
 * One run of a prober: a minute of probes, ended early by news.
 *
 *   :00 ├──── run, by the schedule ─────┤                    answers at its end, or
 *   :00 ├── run ──┤ news                                     answers at once, and the rest of the minute
 *                 ├── rest ─────────────┤                    is another run's, which knows what this one knew
 *   :60                            ├──── run, by the schedule
 *
 * A run lasts longer than a minute by what a detection takes, so that each silence is seen whole by one of them: runs
 * overlap, and never leave a gap. One that dies is missed for less than a minute; its successor needs nothing of it.
 */

import type { Clock } from "../clock.ts";
import type { Group, ProbeCheck, Probed } from "../core/model.ts";
import type { Probing } from "../core/probing.ts";
import type { Asked } from "./ask.ts";
import type { ProbeAnswer, ProbeRequest } from "./verdict.ts";
import { detectionMs, Watch } from "./watch.ts";

/** The world as a prober knows it: no AWS, only addresses. */
export interface Site {
  /** Its sleeps end when the run does. */
  readonly clock: Clock;
  readonly ask: (
    address: string,
    check: ProbeCheck,
    timeoutMs: number,
    signal: AbortSignal,
  ) => Promise<Asked>;
  readonly measure: (group: string, address: string, probing: Probing) => void;
  /** Ends what is under way. */
  readonly stop: () => void;
  readonly signal: AbortSignal;
}

const MINUTE_MS = 60_000;

/** A silence is told again so often, since a verdict lapses after 30 s. */
const TOLD_AGAIN_MS = 15_000;

/** A rest that is shorter is not worth another invocation. */
const LEAST_REST_MS = 1_000;

/** Probes the groups until there is news or the time is over, and answers what it knows by then. */
export async function probeRun(
  groups: readonly Group[],
  request: ProbeRequest,
  site: Site,
): Promise<ProbeAnswer> {
  const { clock } = site;
  const began = clock.now();
  const until = request.until ?? began + lengthMs(groups, request.seconds);
  const watches = groups.flatMap((group) =>
    group.probe === undefined
      ? []
      : new Watch(
          group,
          group.probe,
          { verdict: request.verdicts?.[group.name], doubts: request.doubts?.[group.name] ?? {} },
          site,
        ),
  );
  await Promise.all(watches.map((watch) => keep(watch, { began, until }, site)));
  const now = clock.now();
  return answerOf(watches, until - now < LEAST_REST_MS ? undefined : until, now);
}

function lengthMs(groups: readonly Group[], seconds: number | undefined): number {
  if (seconds !== undefined) return seconds * 1000;
  return (
    MINUTE_MS + Math.max(0, ...groups.map(({ probe }) => (probe === undefined ? 0 : detectionMs(probe))))
  );
}

/** Round after round. The first watch that has something to tell ends the run for all. */
async function keep(
  watch: Watch,
  { began, until }: { began: number; until: number },
  site: Site,
): Promise<void> {
  const { clock, signal } = site;
  while (!signal.aborted) {
    const round = clock.now();
    await watch.round();
    const now = clock.now();
    const again = watch.someoneIsSilent && now - began >= TOLD_AGAIN_MS;
    if (watch.hasNews || again) site.stop();
    const next = Math.min(round + watch.rhythmMs, until);
    if (next <= now && next === until) return;
    await clock.sleep(Math.max(0, next - now));
  }
}

function answerOf(watches: readonly Watch[], until: number | undefined, at: number): ProbeAnswer {
  const verdicts = watches.flatMap((watch): [string, Probed][] => {
    const verdict = watch.verdict(at);
    return verdict === undefined ? [] : [[watch.group, verdict]];
  });
  const unsure = watches.flatMap((watch) => (watch.verdict(at) === undefined ? [watch.group] : []));
  const all = { verdicts: Object.fromEntries(verdicts), ...(unsure.length === 0 ? {} : { unsure }) };
  if (until === undefined) return all;
  return { ...all, until, doubts: Object.fromEntries(watches.map((watch) => [watch.group, watch.doubts])) };
}
