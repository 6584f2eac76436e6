/** States and history entries for the tests of the store: some by hand, and random ones of every shape. */
import fc from "fast-check";
import type { FoundEntry } from "../shared/core/finding.ts";
import type {
  Burn,
  Drill,
  DrillEnd,
  Evidence,
  HistoryEntry,
  Intent,
  PastMove,
  ProbeFinding,
  State,
} from "../shared/core/model.ts";
import { claim, emptyState, settle } from "../shared/core/record.ts";

export const NOW = Date.UTC(2026, 10, 3, 4, 5, 6, 789);

export const INTENT: Intent = {
  id: "move-1",
  because: "active-dead",
  why: "a is stopped",
  from: "a",
  to: "b",
  sources: { "eni-1": "eni-attach-1" },
  tried: [],
  force: false,
  automatic: true,
  budgeted: false,
  by: "event-1",
  since: NOW,
  phases: { decided: NOW },
  evidence: [],
  burns: [],
};

export const ENTRY: HistoryEntry = {
  at: NOW,
  sequence: "v1",
  kind: "command",
  because: "paused",
  message: "Paused by alice.",
  epoch: 0,
  by: "alice",
};

const GROUP = {
  name: "nat-a",
  interfaces: [],
  members: [],
  alarms: [],
  policy: { budget: { moves: 3, seconds: 3600 } },
} as unknown as Parameters<typeof settle>[1];

export function claimed(state: State, holder: string, intent = INTENT): State {
  return claim(state, intent, holder, NOW);
}

export function settled(state: State, at = NOW + 5_000): State {
  const ending = { kind: "moved", because: "active-dead", message: "Moved.", phases: {} } as const;
  return settle(state, GROUP, INTENT, ending, at);
}

export function paused(state: State, by = "alice"): State {
  return { ...state, pause: { by, since: NOW } };
}

export function quarantined(state: State, member: string): State {
  return { ...state, quarantine: { ...state.quarantine, [member]: { why: "operator", since: NOW } } };
}

export { emptyState };

// ---------------------------------------------------------------- random

const text = fc.string({ maxLength: 8 });
const name = fc.constantFrom("a", "b", "i-0123456789abcdef0", "with space", "dotted.name", "status", "ttl");
const time = fc.integer({ min: 0, max: 2 ** 42 });
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const map = <T>(of: fc.Arbitrary<T>) => fc.dictionary(name, of, { maxKeys: 3, noNullPrototype: true });

/** All of `fields`, those of `optional` sometimes. */
function some<T extends object>(
  fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> },
  optional: readonly (keyof T)[],
) {
  const requiredKeys = (Object.keys(fields) as (keyof T)[]).filter((key) => !optional.includes(key));
  return fc.record(fields, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<T>;
}

const evidence = some<Evidence>(
  {
    source: text,
    witness: text,
    says: fc.constantFrom("healthy", "failing", "dead"),
    detail: text,
    since: time,
  },
  [],
);
const burn = some<Burn>({ member: name, deviceIndex: fc.nat(9), eni: text, launchedAt: time }, []);
const phases = some<Intent["phases"]>({ detected: time, decided: time, claimed: time }, [
  "detected",
  "claimed",
]);

const intent = some<Required<Intent>>(
  {
    id: text,
    because: fc.constantFrom("active-dead", "operator"),
    cause: fc.constantFrom("repair", "drill"),
    why: text,
    from: name,
    to: name,
    sources: map(text),
    there: map(text),
    tried: list(name),
    force: fc.boolean(),
    automatic: fc.boolean(),
    budgeted: fc.boolean(),
    lastResort: fc.boolean(),
    by: text,
    reason: text,
    since: time,
    phases,
    evidence: list(evidence),
    burns: list(burn),
    fence: some<Required<Intent>["fence"]>(
      { kind: fc.constantFrom("isolate", "stop"), securityGroup: text },
      ["securityGroup"],
    ),
    drill: text,
  },
  ["from", "cause", "reason", "lastResort", "fence", "drill"],
);

const pastMove = some<Required<PastMove>>(
  {
    id: text,
    at: time,
    because: fc.constantFrom("active-dead", "found-moved"),
    from: name,
    to: name,
    automatic: fc.boolean(),
    budgeted: fc.boolean(),
    failed: fc.boolean(),
    phases,
  },
  ["from", "failed", "phases"],
);

const severity = fc.constantFrom("error" as const, "warning" as const);
const found = fc.record({ check: text, severity, subject: text }, { noNullPrototype: true });

const entry = some<Required<HistoryEntry>>(
  {
    at: time,
    sequence: text,
    kind: fc.constantFrom("move", "refusal"),
    because: fc.constantFrom("active-dead", "paused"),
    message: text,
    from: name,
    to: name,
    move: text,
    epoch: fc.nat(),
    by: text,
    reason: text,
    interfaces: map(fc.option(name, { nil: null })),
    phases,
    evidence: list(evidence),
    finding: some<Required<FoundEntry>>(
      { check: text, severity, subject: text, change: fc.constantFrom("new", "gone"), mend: text },
      ["mend"],
    ),
    late: fc.boolean(),
    again: fc.boolean(),
  },
  ["from", "to", "move", "by", "reason", "interfaces", "phases", "evidence", "finding", "late"],
);

const drill = some<Required<Drill>>(
  {
    id: text,
    alarm: text,
    from: name,
    by: text,
    reason: text,
    since: time,
    until: time,
    end: some<Required<DrillEnd>>(
      {
        at: time,
        outcome: fc.constantFrom("moved", "held"),
        because: fc.constantFrom("drill", "cooldown"),
        message: text,
        to: name,
        epoch: fc.nat(),
        phases,
      },
      ["to", "epoch", "phases"],
    ),
  },
  ["reason", "end"],
);

const finding = some<Required<ProbeFinding>>(
  { says: fc.constantFrom("serving", "silent", "unknown"), since: time, detail: text, answeredAt: time },
  ["answeredAt"],
);

const OPTIONAL = [
  "lease",
  "intent",
  "pause",
  "told",
  "woken",
  "drill",
  "probed",
  "served",
  "budgetRefilledAt",
  "preferredHealthySince",
  "examined",
] as const;

/** Any state of this schema; its version is 0. */
export const anyState: fc.Arbitrary<State> = some<Required<State>>(
  {
    schema: fc.constant(1),
    version: fc.constant(0),
    epoch: fc.nat(),
    lease: fc.record({ holder: text, until: time }, { noNullPrototype: true }),
    intent,
    moves: list(pastMove),
    pause: some<Required<NonNullable<State["pause"]>>>({ by: text, since: time, until: time, reason: text }, [
      "until",
      "reason",
    ]),
    quarantine: map(
      some<{ why: "operator"; since: number; untilLaunchAfter: number }>(
        { why: fc.constant("operator"), since: time, untilLaunchAfter: time },
        ["untilLaunchAfter"],
      ),
    ),
    acknowledged: map(time),
    leaving: map(fc.record({ why: text, at: time }, { noNullPrototype: true })),
    burned: list(burn),
    isolated: map(map(list(text))),
    told: some<Required<NonNullable<State["told"]>>>(
      {
        because: fc.constantFrom("paused", "cooldown"),
        since: time,
        notifiedAt: time,
        again: fc.constant(true as const),
      },
      ["notifiedAt", "again"],
    ),
    woken: map(time),
    drill,
    probed: some<Required<NonNullable<State["probed"]>>>(
      { at: time, floating: finding, members: map(finding) },
      ["floating"],
    ),
    served: fc.record({ move: text, at: time, ok: fc.boolean() }, { noNullPrototype: true }),
    budgetRefilledAt: time,
    preferredHealthySince: time,
    examined: fc.record({ at: time, found: list(found) }, { noNullPrototype: true }),
    outbox: fc.dictionary(
      fc.constantFrom("2026-11-03T04:05:06.789Z#e1.0", "2026-11-03T04:05:06.789Z#v7"),
      entry,
      { noNullPrototype: true },
    ),
  },
  OPTIONAL,
) as fc.Arbitrary<State>;
