/** The phases of a move with their durations, as a person reads them: out of the history item, against the objective. */
import pc from "picocolors";
import type { Phases } from "../shared/core/state.ts";
import { seconds } from "./timeline.ts";

const SPANS: readonly (readonly [from: keyof Phases, to: keyof Phases, name: string, what: string])[] = [
  ["detected", "decided", "decision", "event, rule, cold start, a fresh look at everything"],
  ["decided", "claimed", "claim", "one conditional write"],
  ["detachAsked", "detached", "detach", "EC2"],
  ["attachAsked", "inUse", "attach", "EC2"],
];

const BAR = 30;

export interface Measured {
  readonly phases: Phases;
  /** From the breakage to the alarm, milliseconds of AWS time. */
  readonly detectionMs: number | undefined;
  readonly speed: number;
  readonly rtoSeconds: number;
}

/** Lines, none wider than the timeline's. */
export function summary({ phases, detectionMs, speed, rtoSeconds }: Measured): string[] {
  const { detected, inUse } = phases;
  const whole = detected === undefined || inUse === undefined ? undefined : inUse - detected;
  const rows = SPANS.flatMap(([from, to, name, what]) => {
    const [began, ended] = [phases[from], phases[to]];
    if (began === undefined || ended === undefined) return [];
    const share = whole === undefined || whole === 0 ? 0 : (ended - began) / whole;
    return [row(name, ended - began, `${pc.cyan("█".repeat(Math.round(share * BAR)).padEnd(BAR))} ${what}`)];
  });
  const faster = speed === 1 ? "" : `; here ${seconds((detectionMs ?? 0) / speed)}`;
  const detection =
    detectionMs === undefined
      ? []
      : [row("detection", detectionMs, `in AWS time: status checks and alarm, AWS's part${faster}`)];
  if (whole === undefined) return [...detection, ...rows];
  const met = whole <= rtoSeconds * 1000;
  const verdict = `of ${rtoSeconds} s (rtoSeconds), from the alarm to in use: ${met ? "met" : "missed"}`;
  return [...detection, ...rows, row("objective", whole, met ? pc.green(verdict) : pc.red(verdict))];
}

function row(name: string, milliseconds: number, what: string): string {
  return `  ${name.padEnd(10)}${seconds(milliseconds).padStart(8)}  ${what}`;
}
