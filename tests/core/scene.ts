/** Builders for the tests of the core: a group, what is seen of it, and the record, each said in a few words. */
import { mergePolicy } from "../../shared/config/policy.ts";
import type { Situation } from "../../shared/core/decide.ts";
import { diagnose } from "../../shared/core/diagnose.ts";
import type {
  AlarmSeen,
  AttachedSeen,
  Decision,
  Evidence,
  Group,
  Health,
  InstanceSeen,
  Intent,
  InterfaceSeen,
  MemberDetails,
  MemberSeen,
  Move,
  Observation,
  PastMove,
  Policy,
  State,
} from "../../shared/core/model.ts";
import { emptyState } from "../../shared/core/record.ts";

export const NOW = Date.UTC(2026, 2, 1, 12, 0, 0);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const LAUNCHED = NOW - 24 * HOUR;
export const ARRIVED = NOW - 2 * HOUR;

export const POLICY: Policy = mergePolicy({}, {});

export type MemberName = "m1" | "m2" | "m3";
export type Eni = "eni-a" | "eni-b" | "eni-c";
const ENIS: readonly Eni[] = ["eni-a", "eni-b", "eni-c"];

/** The instance that a member is. */
export const instanceOf = (member: string): string => `i-${member}`;

interface GroupChange {
  readonly members?: number;
  readonly interfaces?: number;
  readonly alarms?: readonly string[];
  readonly policy?: Partial<Policy>;
}

/** Two members `m1`, `m2` and one interface `eni-a` at index 1, unless said otherwise; interface n may take index n. */
export function groupOf(change: GroupChange = {}): Group {
  return {
    name: "nat-a",
    interfaces: ENIS.slice(0, change.interfaces ?? 1).map((eni, n) => ({ eni, deviceIndexes: [n + 1] })),
    members: Array.from({ length: change.members ?? 2 }, (_, n) => ({
      name: `m${n + 1}`,
      instance: instanceOf(`m${n + 1}`),
      alarms: [],
      deviceIndexes: {},
    })),
    alarms: change.alarms ?? [],
    policy: { ...POLICY, ...change.policy },
  };
}

type Running = Extract<InstanceSeen, { read: "ok" }>;

const OK = { status: "ok" } as const;

/** A running instance with all its checks ok, unless said otherwise. */
export function running(change: Partial<Running> = {}): Running {
  return {
    read: "ok",
    state: "running",
    zone: "eu-west-1a",
    checks: { system: OK, instance: OK },
    scheduled: [],
    ...change,
  };
}

/** A check that has been impaired for so long. */
export const impaired = (milliseconds: number, at = NOW) =>
  ({ status: "impaired", impairedSince: at - milliseconds }) as const;

/** An instance whose health is plainly this. */
export function instanceThatIs(health: Health, at = NOW): InstanceSeen {
  if (health === "healthy") return running();
  if (health === "failing") return running({ checks: { system: OK, instance: impaired(2 * MINUTE, at) } });
  if (health === "dead") return running({ state: "stopped", checks: {} });
  return running({ checks: { system: OK, instance: { status: "initializing" } } });
}

/** Where an interface is: on a member, on its way, on nothing, or somewhere that is not ours. */
export type Place =
  | MemberName
  | `attaching to ${MemberName}`
  | `detaching from ${MemberName}`
  | "nothing"
  | "stranger"
  | "missing"
  | "unread";

/** The AttachmentId of an interface on a member, in every scene. */
export const attachmentOf = (eni: string, member: string): string => `attach-${eni}-${member}`;

export function attached(eni: string, member: string, change: Partial<AttachedSeen> = {}): AttachedSeen {
  return {
    state: "attached",
    zone: "eu-west-1a",
    attachmentId: attachmentOf(eni, member),
    instance: instanceOf(member),
    deviceIndex: 1 + Math.max(0, ENIS.indexOf(eni as Eni)),
    attachedAt: ARRIVED,
    deleteOnTermination: false,
    ...change,
  };
}

export function interfaceAt(eni: string, place: Place): InterfaceSeen {
  if (place === "unread") return { state: "unread", error: "Unavailable" };
  if (place === "missing") return { state: "missing" };
  if (place === "nothing") return { state: "available", zone: "eu-west-1a" };
  const [state, , member] = place.split(" ");
  if (state === "attaching") return attached(eni, member ?? "", { state, attachedAt: NOW - 5 * SECOND });
  if (state === "detaching") return attached(eni, member ?? "", { state });
  return attached(eni, place);
}

export function details(change: Partial<MemberDetails> = {}): MemberDetails {
  return {
    launchedAt: LAUNCHED,
    attachments: [{ deviceIndex: 0, eni: "eni-primary" }],
    maxInterfaces: 4,
    ...change,
  };
}

export interface Seen {
  readonly at?: number;
  /** How each member is; those not named are healthy. */
  readonly members?: Readonly<Partial<Record<MemberName, Health | InstanceSeen>>>;
  /** Where each interface is; those not named are on `m1`. */
  readonly interfaces?: Readonly<Partial<Record<Eni, Place | InterfaceSeen>>>;
  readonly alarms?: readonly AlarmSeen[];
  readonly alarmsUnread?: string;
  /** Details of members; `detailed: false` leaves all of them out. */
  readonly details?: Readonly<Partial<Record<MemberName, MemberDetails | undefined>>>;
  readonly detailed?: boolean;
}

/** What is seen of a group. Not said: everybody is healthy, everything is on `m1`, and details were read. */
export function seen(group: Group, change: Seen = {}): Observation {
  const at = change.at ?? NOW;
  const detailed = change.detailed ?? true;
  const members = group.members.map(({ name }): [string, MemberSeen] => {
    const key = name as MemberName;
    const said = change.members?.[key] ?? "healthy";
    const instance = typeof said === "string" ? instanceThatIs(said, at) : said;
    const own = change.details !== undefined && key in change.details ? change.details[key] : details();
    return [name, detailed && own !== undefined ? { instance, details: own } : { instance }];
  });
  const interfaces = group.interfaces.map(({ eni }): [string, InterfaceSeen] => {
    const said = change.interfaces?.[eni as Eni] ?? "m1";
    return [eni, typeof said === "string" ? interfaceAt(eni, said) : said];
  });
  return {
    at,
    interfaces: Object.fromEntries(interfaces),
    members: Object.fromEntries(members),
    alarms: Object.fromEntries((change.alarms ?? []).map((one) => [one.name, one])),
    ...(change.alarmsUnread === undefined ? {} : { alarmsUnread: change.alarmsUnread }),
    detailed,
  };
}

export function alarm(name: string, change: Partial<AlarmSeen> = {}): AlarmSeen {
  return {
    name,
    state: "ALARM",
    transitionedAt: NOW - MINUTE,
    suppressed: false,
    onStatusChecks: false,
    ...change,
  };
}

export const stateOf = (change: Partial<State> = {}): State => ({ ...emptyState(), ...change });

export function intentTo(to: string, change: Partial<Intent> = {}): Intent {
  return {
    id: "intent-1",
    because: "active-failing",
    why: "it fails",
    from: "m1",
    to,
    sources: { "eni-a": attachmentOf("eni-a", "m1"), "eni-b": attachmentOf("eni-b", "m1") },
    tried: [],
    force: false,
    automatic: true,
    budgeted: true,
    by: "controller",
    since: NOW - 20 * SECOND,
    phases: {},
    evidence: [],
    burns: [],
    ...change,
  };
}

/** An operator's request that was claimed: an intent that nobody may drop as out of date. */
export const askedIntent = (to: string, change: Partial<Intent> = {}): Intent =>
  intentTo(to, { because: "operator", automatic: false, budgeted: false, by: "anna", ...change });

/** A decision of the controller's own to move from m1 to m2. */
export function moveOf(change: Partial<Move> = {}): Move {
  return {
    kind: "move",
    because: "active-failing",
    why: "it fails",
    from: "m1",
    to: "m2",
    force: false,
    automatic: true,
    budgeted: true,
    by: "controller",
    evidence: [],
    ...change,
  };
}

/** A failover that settled so long before NOW. */
export function pastMove(agoMs: number, change: Partial<PastMove> = {}): PastMove {
  return {
    id: `move-${agoMs}`,
    at: NOW - agoMs,
    because: "active-failing",
    from: "m2",
    to: "m1",
    automatic: true,
    budgeted: true,
    ...change,
  };
}

export function fact(says: Health, change: Partial<Evidence> = {}): Evidence {
  return { source: "instance-check", witness: "ec2-checks", says, detail: says, since: NOW, ...change };
}

/** Everything a decision rests on. */
export function situationOf(
  group: Group,
  seenNow: Seen = {},
  state: Partial<State> = {},
  rest: Partial<Pick<Situation, "now" | "request" | "surge">> = {},
): Situation {
  const observation = seen(group, seenNow);
  const whole = stateOf(state);
  const diagnosis = diagnose(group, observation, whole);
  return { group, state: whole, observation, diagnosis, now: NOW, ...rest };
}

/** A decision in a few words: `active-failing m1 → m2`, or `hold cooldown`. */
export function inShort(decision: Decision): string {
  if (decision.kind === "hold") return `hold ${decision.because}`;
  if (decision.kind === "finish") return `finish → ${decision.intent.to}`;
  const from = decision.from === undefined ? "" : `${decision.from} `;
  return `${decision.because} ${from}→ ${decision.to}`;
}
