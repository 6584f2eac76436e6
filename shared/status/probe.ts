/** What the prober last said of a group, for a person. */
import type { Group, ProbeFinding, State } from "../core/model.ts";
import { isFresh } from "../core/probed.ts";
import { iso } from "../core/words.ts";

interface FindingStatus {
  readonly says: ProbeFinding["says"];
  readonly detail: string;
  readonly since: string;
  /** Null: never, as far as the record remembers. Until there is an answer, silence is no evidence. */
  readonly answeredAt: string | null;
}

export interface ProbeStatus {
  /** When something new was last heard, or silence again; null: nothing was ever heard. */
  readonly at: string | null;
  /** It still counts as evidence. A verdict that everybody serves is not repeated, so it may well have lapsed. */
  readonly evidence: boolean;
  readonly floating: FindingStatus | null;
  readonly members: Readonly<Record<string, FindingStatus>>;
  /** Whether the address was seen to serve after the last move; null: not known. */
  readonly lastMoveServes: { readonly at: string; readonly ok: boolean } | null;
}

/** Undefined of a group that is not probed. */
export function probeStatus(group: Group, state: State, now: number): ProbeStatus | undefined {
  if (group.probe === undefined) return undefined;
  const { probed, served, moves } = state;
  const members = Object.entries(probed?.members ?? {}).map(([name, finding]) => [
    name,
    findingStatus(finding),
  ]);
  const known = served !== undefined && served.move === moves.at(-1)?.id;
  return {
    at: probed === undefined ? null : iso(probed.at),
    evidence: probed !== undefined && isFresh(probed, now),
    floating: probed?.floating === undefined ? null : findingStatus(probed.floating),
    members: Object.fromEntries(members),
    lastMoveServes: known ? { at: iso(served.at), ok: served.ok } : null,
  };
}

function findingStatus({ says, detail, since, answeredAt }: ProbeFinding): FindingStatus {
  return {
    says,
    detail,
    since: iso(since),
    answeredAt: answeredAt === undefined ? null : iso(answeredAt),
  };
}
