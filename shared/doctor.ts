/**
 * The doctor: finds what would stop a failover before it is needed. It reads what a look reads and more, and asks EC2 by
 * DryRun for every call that a move may need, under the role that moves at night.
 */
import { command } from "./command.ts";
import type { Config } from "./config.ts";
import { checkedText, controllerFindings, findingsOf } from "./core/doctor.ts";
import type { Examined, RulesSeen } from "./core/examined.ts";
import { type Finding, type FindingChange, findingOf, invoke, unread, worstFirst } from "./core/finding.ts";
import { withFindings } from "./core/finding-changes.ts";
import type { Group, State } from "./core/model.ts";
import { iso } from "./core/words.ts";
import { readRules, readTable } from "./doctor/controller.ts";
import { examineGroup } from "./doctor/group.ts";
import { Pace } from "./pace.ts";
import type { World } from "./world.ts";

/** All that the doctor works with. */
export interface Practice {
  readonly config: Config;
  readonly world: World;
  readonly stack: string;
}

export interface Examination {
  readonly at: string;
  /** Worst first. Empty: it is sound. */
  readonly findings: readonly Finding[];
  /** One sentence: what was looked at. */
  readonly checked: string;
}

/** The look that the sweep has taken once a day. */
export interface DailyExamination extends Examination {
  readonly group: string;
  /** Since the last such look: what is told, and goes into the history. */
  readonly changes: readonly FindingChange[];
}

/**
 * EC2 takes 50 attaches at once and 5 a second, dry ones too; a failover must find most of them left. Source: Request
 * throttling for the Amazon EC2 API, mutating actions.
 */
const DRY_RUNS = { capacity: 20, perSecond: 2 };
/** A group that is begun must be done when the calls in flight are cut off. */
const LAST_BEGIN_MS = 20_000;

/** Looks at these groups and at the controller. Changes nothing, the record included. */
export async function doctor(groups: readonly Group[], practice: Practice): Promise<Examination> {
  return await examine(groups, practice, true);
}

/**
 * Looks at one group and keeps what it finds, to answer what has changed since the last time and to put it on the bus. The controller
 * itself is looked at beside the first group of the configuration, so that its findings are told once. Throws `Failure`
 * where the record can't be written.
 */
export async function dailyDoctor(group: Group, practice: Practice): Promise<DailyExamination> {
  const { config, world } = practice;
  const [first] = Object.keys(config.groups);
  const examination = await examine([group], practice, group.name === first);
  let changes: readonly FindingChange[] = [];
  const keep = (state: State, now: number) => {
    const kept = withFindings(state, group.name, examination.findings, now);
    changes = kept.changes;
    return { ...kept, changed: kept.changes.length > 0 };
  };
  await command(group, config, world, keep, true);
  for (const { change, finding } of changes) {
    world.log(change === "new" ? "warn" : "info", `${change} finding: ${finding.check}`, { change, finding });
  }
  return { group: group.name, changes, ...examination };
}

async function examine(
  groups: readonly Group[],
  practice: Practice,
  controller: boolean,
): Promise<Examination> {
  const { world, stack } = practice;
  const at = iso(world.clock.now());
  const limitSeconds = Math.ceil((world.deadline - world.clock.now()) / 1000);
  const rules = await readRules(world, stack);
  const findings = controller ? await controllerOf(practice, rules, limitSeconds) : [];
  const pace = new Pace(world.clock, DRY_RUNS);
  const examined: Examined[] = [];
  const unreached: Finding[] = [];
  for (const group of groups) {
    if (world.deadline - world.clock.now() < LAST_BEGIN_MS) unreached.push(notReached(group));
    else examined.push(await examineGroup(group, rules, world, pace));
  }
  return {
    at,
    findings: worstFirst([...findings, ...examined.flatMap(findingsOf), ...unreached]),
    checked: checkedText(examined, controller),
  };
}

async function controllerOf(
  { config, world, stack }: Practice,
  rules: RulesSeen,
  limitSeconds: number,
): Promise<readonly Finding[]> {
  const graces = Object.values(config.groups).map(({ name, policy }) => ({
    group: name,
    seconds: policy.graceSeconds,
  }));
  const longestGrace = graces.reduce((left, right) => (right.seconds > left.seconds ? right : left));
  const { table } = world;
  return controllerFindings({ stack, table, rules, limitSeconds, longestGrace, ...(await readTable(world)) });
}

/** A fleet is too much for one invocation: what was not looked at is said. */
function notReached({ name: group }: Group): Finding {
  const problem = unread("doctor", `the group ${group}`, "the time of one invocation was over");
  return findingOf(group, { ...problem, subject: group, mend: invoke("doctor", { group }) });
}
