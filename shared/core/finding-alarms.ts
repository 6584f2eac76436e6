/** What keeps an alarm from being evidence, or from being heard at once. */
import type { Examined, NotRead, RuleSeen, RulesSeen } from "./examined.ts";
import { argument, DEPLOY, type Problem, unread } from "./finding.ts";
import type { AlarmSeen, Group, Observation } from "./model.ts";
import { ago } from "./words.ts";

/** A new alarm has no data for its first periods; after so long something is wrong. */
const WITHOUT_DATA_MS = 15 * 60_000;

export function alarmProblems(examined: Examined): readonly Problem[] {
  const { observation } = examined.situation;
  const alarms = namedIn(examined.situation.group);
  if (alarms.length === 0) return [];
  if (observation.alarmsUnread !== undefined) {
    const what = `the alarms ${alarms.map(({ name }) => name).join(", ")}`;
    return [unread("cloudwatch:DescribeAlarms", what, observation.alarmsUnread, "error")];
  }
  return [
    ...compositesDenied(examined),
    ...unreadMutes(examined),
    ...alarms.flatMap((alarm) => ofAlarm(alarm, examined)),
  ];
}

interface Named {
  readonly name: string;
  /** The member that it is about; undefined: whoever is active. */
  readonly member?: string;
  /** The stack makes it. */
  readonly ofStack: boolean;
}

/** The alarms of a group, each with whom it is about. */
export function namedIn(group: Group): readonly Named[] {
  return [
    ...group.members.flatMap(({ name: member, statusAlarm, alarms }) => [
      ...(statusAlarm === undefined ? [] : [{ name: statusAlarm, member, ofStack: true }]),
      ...alarms.map((name) => ({ name, member, ofStack: false })),
    ]),
    ...group.alarms.map((name) => ({ name, ofStack: false })),
  ];
}

function ofAlarm(named: Named, examined: Examined): readonly Problem[] {
  const seen = examined.situation.observation.alarms[named.name];
  if (seen === undefined) return examined.compositesDenied ? [] : [missing(named)];
  return [
    ...(seen.actionsDisabled === true ? [actionsDisabled(named.name)] : []),
    ...muted(seen, examined.mutes[named.name]),
    ...withoutData(named, seen, examined.situation),
    ...unmatched("alarm-unmatched", named.name, "alarmName", examined.rules),
  ];
}

function missing({ name, ofStack }: Named): Problem {
  const means = `There is no alarm ${name}: what it was to tell, nobody does${ofStack ? "; the stack makes it." : ". Make it, or take it out of failover.yml and deploy."}`;
  const put = `aws cloudwatch put-metric-alarm --alarm-name ${argument(name)} --cli-input-json file://ALARM.json`;
  return problem("alarm-missing", name, means, ofStack ? DEPLOY : put);
}

function actionsDisabled(name: string): Problem {
  const means = `The actions of ${name} are switched off, as for maintenance: whoever they were to tell is not told. The controller still takes its state for evidence.`;
  return problem(
    "alarm-actions-disabled",
    name,
    means,
    `aws cloudwatch enable-alarm-actions --alarm-names ${argument(name)}`,
  );
}

function muted(
  { name, suppressed }: AlarmSeen,
  rules: readonly string[] | NotRead | undefined,
): readonly Problem[] {
  if (suppressed) {
    const means = `The actions of ${name} are suppressed by another alarm: while they are, it is no evidence.`;
    return [
      problem("alarm-muted", name, means, `aws cloudwatch describe-alarms --alarm-names ${argument(name)}`),
    ];
  }
  if (rules === undefined || "unread" in rules || rules.length === 0) return [];
  const means = `${name} is muted by ${rules.join(", ")}: while it is, it is no evidence.`;
  const mend = `aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name ${argument(rules[0] ?? "")}`;
  return [problem("alarm-muted", name, means, mend)];
}

/** An alarm about a member that does not run has no data, and need not. */
function withoutData(
  { name, member }: Named,
  seen: AlarmSeen,
  { observation, now }: Examined["situation"],
): readonly Problem[] {
  if (seen.state !== "INSUFFICIENT_DATA" || now - seen.transitionedAt < WITHOUT_DATA_MS) return [];
  if (member !== undefined && !isRunning(observation, member)) return [];
  const means = `${name} has had no data for ${ago(now - seen.transitionedAt)}: it can't tell of a failure. Look at its metric and dimensions.`;
  return [
    problem(
      "alarm-without-data",
      name,
      means,
      `aws cloudwatch describe-alarms --alarm-names ${argument(name)}`,
    ),
  ];
}

function isRunning({ members }: Observation, member: string): boolean {
  const instance = members[member]?.instance;
  return instance?.read === "ok" && instance.state === "running";
}

function compositesDenied({ compositesDenied: denied }: Examined): readonly Problem[] {
  if (!denied) return [];
  const means =
    "The role may read metric alarms and no composite ones, which takes cloudwatch:DescribeAlarms on everything: every look asks for both, and so sees no alarm at all.";
  return [
    { ...problem("alarm-composite-denied", "cloudwatch:DescribeAlarms", means, DEPLOY), severity: "error" },
  ];
}

function unreadMutes({ mutes }: Examined): readonly Problem[] {
  const failed = Object.entries(mutes).flatMap(([name, read]) =>
    "unread" in read ? [{ name, why: read.unread }] : [],
  );
  const [first] = failed;
  if (first === undefined) return [];
  const what = `whether ${failed.map(({ name }) => name).join(", ")} is muted`;
  return [unread("cloudwatch:ListAlarmMuteRules", what, first.why)];
}

/**
 * Whether an event about `id` wakes the controller: a rule of its own names it, as the stack writes its rules, and is
 * enabled. Without one the sweep still sees it, up to a minute later.
 */
export function unmatched(
  check: "alarm-unmatched" | "member-unmatched",
  id: string,
  key: "alarmName" | "instance-id",
  rules: RulesSeen,
): readonly Problem[] {
  if ("unread" in rules) return [];
  const matching = rules.filter((rule) => matches(rule, key, id));
  if (matching.some(({ enabled }) => enabled)) return [];
  const [disabled] = matching;
  const how =
    disabled === undefined ? "no rule of the stack names it" : `the rule ${disabled.name} is disabled`;
  const means = `An event about ${id} does not wake the controller (${how}): a failure is seen by the sweep, up to a minute later.`;
  return [
    problem(
      check,
      id,
      means,
      disabled === undefined ? DEPLOY : `aws events enable-rule --name ${disabled.name}`,
    ),
  ];
}

/**
 * Whether a rule of the stack names the id, or has a wildcard that fits it, as in a large configuration. A pattern of
 * another form matches nothing.
 */
function matches({ pattern }: RuleSeen, key: string, id: string): boolean {
  if (pattern === undefined) return false;
  const { detail } = JSON.parse(pattern) as { readonly detail?: Readonly<Record<string, unknown>> };
  const named = detail?.[key];
  return Array.isArray(named) && named.some((one: unknown) => one === id || fits(one, id));
}

/** `*` is any run of characters. */
function fits(one: unknown, id: string): boolean {
  if (typeof one !== "object" || one === null || !("wildcard" in one)) return false;
  const parts = String(one.wildcard)
    .split("*")
    .map((part) => part.replace(/[^\w]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(id);
}

function problem(check: Problem["check"], subject: string, means: string, mend: string): Problem {
  return { check, severity: "warning", subject, means, mend };
}
