/**
 * What the prober's verdict says about members: evidence, and never more than `failing`.
 *
 * 1. A security group keeps the prober out of a member that is well. So silence counts only where there was an answer
 *    before: until then the probe is as good as an alarm without data.
 * 2. The floating address was silent before the group came to the active, or while it moved. So that silence counts
 *    only if the address has answered on the active since the interfaces arrived there.
 * 3. The prober dies, or its network does. So a verdict lapses, and `unknown` is no evidence.
 */
import type { Evidence, Probed, ProbeFinding } from "./model.ts";
import { ago } from "./words.ts";

/** A verdict is evidence for so long after it was given. */
const PROBE_LAPSE_MS = 30_000;

const PROBE = "probe";

/** Whether the verdict still counts at `at`. One from the future comes from a clock that can't be trusted. */
export function isFresh(probed: Probed, at: number): boolean {
  return Math.abs(at - probed.at) < PROBE_LAPSE_MS;
}

/** What the verdict says of a member by its own address; nothing where it was not probed, or can't be told. */
export function memberProbeEvidence(
  probed: Probed | undefined,
  member: string,
  at: number,
  checksAreFine: boolean,
): Evidence[] {
  const finding = probed?.members[member];
  if (probed === undefined || finding === undefined || !isFresh(probed, at)) return [];
  if (finding.says === "serving") return [fact("probe", "healthy", "answers", finding)];
  if (finding.says === "unknown") return [];
  if (finding.answeredAt !== undefined) return [fact("probe", "failing", silence(finding, at), finding)];
  return checksAreFine ? [] : [fact("probe", "unknown", "has never been answered", finding)];
}

/** What the verdict on the floating address says of the active, on which the interfaces arrived at `arrivedAt`. */
export function floatingProbeEvidence(
  probed: Probed | undefined,
  arrivedAt: number | undefined,
  at: number,
): Evidence[] {
  const finding = probed?.floating;
  if (probed === undefined || finding === undefined || arrivedAt === undefined) return [];
  if (!isFresh(probed, at) || finding.says !== "silent") return [];
  const servedHere = finding.answeredAt !== undefined && finding.answeredAt > arrivedAt;
  return servedHere ? [fact("probe:floating", "failing", silence(finding, at), finding)] : [];
}

function silence({ since, detail }: ProbeFinding, at: number): string {
  return `silent for ${ago(Math.max(0, at - since))} (${detail})`;
}

function fact(
  source: string,
  says: Evidence["says"],
  detail: string,
  { since }: Pick<ProbeFinding, "since">,
): Evidence {
  return { source, witness: PROBE, says, detail, since };
}
