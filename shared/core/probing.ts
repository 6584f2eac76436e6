/**
 * How single probes become a finding: K failed ones of the last N make an address silent, one answer that leaves fewer
 * of them makes it serve again. Pure: time is an argument.
 *
 *   probe    +  +  -  -  -  -  +          K = N = 3
 *   says     serving     silent  serving
 */
import type { Probe, ProbeFinding } from "./model.ts";

/** What one probe came to. Times in epoch milliseconds, by the prober's clock. */
export interface Probing {
  readonly ok: boolean;
  readonly began: number;
  readonly ended: number;
  /** For a person: `answered`, `connection refused`, `status 503`. */
  readonly detail: string;
}

/** What is remembered of one address. */
export interface Track {
  /** The newest last, as many as the rule looks at. */
  readonly last: readonly Probing[];
  /** Absent: nothing is sure yet. */
  readonly finding?: ProbeFinding;
}

type Rule = Pick<Probe, "failAfter" | "of">;

/** An address of which so much was known when this run began: `failed` are the beginnings of failed probes in a row. */
export function known(finding: ProbeFinding | undefined, failed: readonly number[], { of }: Rule): Track {
  const detail = finding?.detail ?? "";
  const probing = (began: number): Probing => ({ ok: false, began, ended: began, detail });
  const silent = finding?.says === "silent" ? Array.from({ length: of }, () => probing(finding.since)) : [];
  const last = [...silent, ...failed.map(probing)];
  return finding === undefined ? { last } : { last, finding };
}

/** The address after one more probe. `vouched`: something else answered meanwhile, so the prober is not cut off. */
export function probedOnce(track: Track, probing: Probing, vouched: boolean, rule: Rule): Track {
  const last = [...track.last, probing].slice(-rule.of);
  const failed = last.filter(({ ok }) => !ok);
  const before = track.finding;
  const answeredAt = probing.ok ? probing.ended : before?.answeredAt;
  const known = answeredAt === undefined ? {} : { answeredAt };
  if (failed.length >= rule.failAfter) {
    const says = vouched ? "silent" : "unknown";
    const since = before?.says === says ? before.since : (failed[0]?.began ?? probing.began);
    const detail = vouched
      ? (failed.at(-1)?.detail ?? "")
      : "nothing else answers: the prober may be cut off";
    return { last, finding: { says, since, detail, ...known } };
  }
  if (probing.ok) {
    const since = before?.says === "serving" ? before.since : probing.ended;
    return { last, finding: { says: "serving", since, detail: probing.detail, ...known } };
  }
  return before === undefined ? { last } : { last, finding: before };
}

/** The last probe failed, and it is not sure yet what that means: worth asking again soon. */
export function inDoubt({ last, finding }: Track): boolean {
  return last.at(-1)?.ok === false && finding?.says !== "silent";
}

/** When the failed probes began that leave it in doubt, for a run that takes over. */
export function doubts(track: Track): readonly number[] {
  const answered = track.last.findLastIndex(({ ok }) => ok);
  return inDoubt(track) ? track.last.slice(answered + 1).map(({ began }) => began) : [];
}

/** It answers, and did not the time before. */
export function answersAgain({ last }: Track): boolean {
  return last.at(-1)?.ok === true && last.at(-2)?.ok === false;
}
