/**
 * What the record's attributes must look like when they are read. Shapes are checked, words are not: a newer minor
 * version may know a reason that this one does not, and must not stop it. Unknown attributes are kept.
 */
import * as v from "valibot";
import type { FoundEntry, Severity } from "../core/finding.ts";
import type {
  Because,
  Burn,
  Drill,
  DrillEnd,
  Evidence,
  Health,
  HistoryEntry,
  Intent,
  MoveBecause,
  MoveFence,
  PastMove,
  Pause,
  Phases,
  Probed,
  ProbeFinding,
  Quarantine,
  Served,
  State,
  Told,
} from "../core/model.ts";

type Shape<Output> = v.GenericSchema<unknown, Output>;

const text = v.string();
const number = v.number();
const maybeText = v.exactOptional(text);
const maybeNumber = v.exactOptional(number);

/** A word out of a closed set of the model. */
function word<Word extends string>() {
  return v.custom<Word>((value) => typeof value === "string", "Invalid type: Expected a word");
}

const burn: Shape<Burn> = v.looseObject({
  member: text,
  deviceIndex: number,
  eni: text,
  launchedAt: number,
});

const evidence: Shape<Evidence> = v.looseObject({
  source: text,
  witness: text,
  says: word<Health>(),
  detail: text,
  since: number,
});

const phases: Shape<Phases> = v.looseObject({
  detected: maybeNumber,
  decided: maybeNumber,
  claimed: maybeNumber,
  detachAsked: maybeNumber,
  detached: maybeNumber,
  attachAsked: maybeNumber,
  inUse: maybeNumber,
  fenceAsked: maybeNumber,
  fenced: maybeNumber,
  settled: maybeNumber,
  serving: maybeNumber,
});

const fence: Shape<MoveFence> = v.looseObject({
  kind: word<MoveFence["kind"]>(),
  first: v.exactOptional(v.boolean()),
  securityGroup: maybeText,
  except: v.exactOptional(v.array(text)),
});

const intent: Shape<Intent> = v.looseObject({
  id: text,
  because: word<MoveBecause>(),
  cause: v.exactOptional(word<MoveBecause>()),
  why: text,
  from: maybeText,
  to: text,
  sources: v.record(text, text),
  there: v.exactOptional(v.record(text, text)),
  tried: v.array(text),
  force: v.boolean(),
  lastResort: v.exactOptional(v.boolean()),
  automatic: v.boolean(),
  budgeted: v.boolean(),
  by: text,
  reason: maybeText,
  since: number,
  phases,
  evidence: v.array(evidence),
  burns: v.array(burn),
  fence: v.exactOptional(fence),
  drill: maybeText,
});

const pastMove: Shape<PastMove> = v.looseObject({
  id: text,
  at: number,
  because: word<PastMove["because"]>(),
  from: maybeText,
  to: text,
  automatic: v.boolean(),
  budgeted: v.boolean(),
  failed: v.exactOptional(v.boolean()),
  phases: v.exactOptional(phases),
});

const pause: Shape<Pause> = v.looseObject({
  by: text,
  since: number,
  until: maybeNumber,
  reason: maybeText,
});

const quarantine: Shape<Quarantine> = v.looseObject({
  why: word<Quarantine["why"]>(),
  since: number,
  untilLaunchAfter: maybeNumber,
});

const told: Shape<Told> = v.looseObject({
  because: word<Because>(),
  since: number,
  notifiedAt: maybeNumber,
  again: v.exactOptional(v.literal(true)),
});

const drill: Shape<Drill> = v.looseObject({
  id: text,
  alarm: text,
  from: text,
  by: text,
  reason: maybeText,
  since: number,
  until: number,
  end: v.exactOptional(
    v.looseObject({
      at: number,
      outcome: word<DrillEnd["outcome"]>(),
      because: word<Because>(),
      message: text,
      to: maybeText,
      epoch: maybeNumber,
      phases: v.exactOptional(phases),
    }),
  ),
});

const probeFinding: Shape<ProbeFinding> = v.looseObject({
  says: word<ProbeFinding["says"]>(),
  since: number,
  detail: text,
  answeredAt: maybeNumber,
});

const probed: Shape<Probed> = v.looseObject({
  at: number,
  floating: v.exactOptional(probeFinding),
  members: v.record(text, probeFinding),
});

const served: Shape<Served> = v.looseObject({ move: text, at: number, ok: v.boolean() });

const found = v.looseObject({ check: text, severity: word<Severity>(), subject: text });

const foundEntry: Shape<FoundEntry> = v.looseObject({
  ...found.entries,
  change: word<FoundEntry["change"]>(),
  mend: maybeText,
});

export const historyEntry: Shape<HistoryEntry> = v.looseObject({
  at: number,
  sequence: text,
  kind: word<HistoryEntry["kind"]>(),
  because: word<HistoryEntry["because"]>(),
  message: text,
  from: maybeText,
  to: maybeText,
  move: maybeText,
  epoch: number,
  by: maybeText,
  reason: maybeText,
  interfaces: v.exactOptional(v.record(text, v.nullable(text))),
  phases: v.exactOptional(phases),
  evidence: v.exactOptional(v.array(evidence)),
  finding: v.exactOptional(foundEntry),
  late: v.exactOptional(v.boolean()),
  again: v.exactOptional(v.boolean()),
});

/** One shape for each attribute of the state item: an attribute that the model gains is a type error here. */
export const stateShapes: { readonly [Name in keyof State]-?: Shape<NonNullable<State[Name]>> } = {
  schema: number,
  version: number,
  epoch: number,
  lease: v.looseObject({ holder: text, until: number }),
  intent,
  moves: v.array(pastMove),
  pause,
  quarantine: v.record(text, quarantine),
  acknowledged: v.record(text, number),
  leaving: v.record(text, v.looseObject({ why: text, at: number })),
  burned: v.array(burn),
  isolated: v.record(text, v.record(text, v.array(text))),
  told,
  woken: v.record(text, number),
  drill,
  probed,
  served,
  budgetRefilledAt: number,
  preferredHealthySince: number,
  examined: v.looseObject({ at: number, found: v.array(found) }),
  outbox: v.record(text, historyEntry),
};
