/** The doctor's checks, where a small difference in what was read is another finding, another gravity or another command. */
import { describe, expect, it } from "vitest";
import { controllerFindings, findingsOf } from "../../shared/core/doctor.ts";
import type { ControllerExamined, Examined } from "../../shared/core/examined.ts";
import { examined, RULES, scene } from "./clinic.ts";
import {
  alarm,
  details,
  groupOf,
  HOUR,
  impaired,
  MINUTE,
  NOW,
  pastMove,
  running,
  situationOf,
} from "./scene.ts";

type Found = readonly { readonly check: string; readonly severity: string; readonly mend: string }[];
const inShort = (findings: Found) => findings.map(({ check, severity }) => `${severity} ${check}`);

const traffic = (change: Parameters<typeof alarm>[1]) =>
  scene({ alarms: ["no-traffic"] }, { alarms: [alarm("no-traffic", { state: "OK", ...change })] });
const checked = (check: "system" | "instance") => running({ checks: { [check]: impaired(5 * MINUTE) } });
const pausedUntil = (until?: number) =>
  scene({}, {}, { pause: { by: "anna", since: NOW - HOUR, ...(until === undefined ? {} : { until }) } });
const stopDenied = (fenceFirst: boolean): Partial<Examined> => ({
  ...scene({ policy: { fence: { kind: "stop" }, fenceFirst } }),
  permissions: [
    { call: "StopInstances", on: "i-m1", verdict: "denied", code: "UnauthorizedOperation" },
    { call: "StopInstances", on: "i-m2", verdict: "denied", code: "UnauthorizedOperation" },
  ],
});
const inUse = { call: "AttachNetworkInterface", on: "eni-a to i-m2", verdict: "unproven" } as const;

describe("of a group", () => {
  it.each<{ name: string; given: Partial<Examined>; finds: readonly string[] }>([
    { name: "nothing is wrong", given: {}, finds: [] },
    { name: "a pause without an end", given: pausedUntil(), finds: ["error paused"] },
    { name: "a pause that ends by itself", given: pausedUntil(NOW + MINUTE), finds: ["warning paused"] },
    { name: "a pause that is over", given: pausedUntil(NOW - MINUTE), finds: [] },
    {
      name: "a standby that only the history shows with the group",
      given: { ...scene({}, {}, { moves: [] }), held: ["m2"] },
      finds: [],
    },
    {
      name: "a standby that nobody has seen with it",
      given: scene({}, {}, { moves: [] }),
      finds: ["warning member-never-held"],
    },
    {
      name: "a stopped standby, and an active that could take the group back",
      given: scene({}, { members: { m2: "dead" } }),
      finds: ["error member-stopped"],
    },
    {
      name: "a stopped standby beside one that is well",
      given: { ...scene({ members: 3 }, { members: { m2: "dead" } }), held: ["m3"] },
      finds: ["warning member-stopped"],
    },
    {
      name: "a failing active: its failover is due",
      given: scene({}, { members: { m1: "failing" } }),
      finds: [],
    },
    {
      name: "an active in another zone than its interface",
      given: scene({}, { members: { m1: running({ zone: "eu-west-1b" }) } }),
      finds: ["warning member-zone"],
    },
    {
      name: "details that could not be read",
      given: scene({}, { details: { m2: undefined } }),
      finds: ["error unread"],
    },
    {
      name: "a type whose limit could not be read, where any type takes the interfaces",
      given: scene({}, { details: { m2: details({ maxInterfaces: undefined }) } }),
      finds: [],
    },
    {
      name: "a quarantine for flapping",
      given: scene({}, {}, { quarantine: { m2: { why: "flapping", since: NOW } } }),
      finds: ["error member-quarantined"],
    },
    { name: "an alarm in its first minutes", given: traffic({ state: "INSUFFICIENT_DATA" }), finds: [] },
    {
      name: "an alarm without data for long",
      given: traffic({ state: "INSUFFICIENT_DATA", transitionedAt: NOW - 15 * MINUTE }),
      finds: ["warning alarm-without-data"],
    },
    { name: "a suppressed alarm", given: traffic({ suppressed: true }), finds: ["warning alarm-muted"] },
    {
      name: "an alarm whose rule is there and disabled",
      given: { ...traffic({}), rules: RULES.map((rule) => ({ ...rule, enabled: false })) },
      finds: ["warning member-unmatched", "warning member-unmatched", "warning alarm-unmatched"],
    },
    {
      name: "rules that could not be read: told of the controller, once",
      given: { ...traffic({}), rules: { unread: "AccessDenied" } },
      finds: [],
    },
    {
      name: "an absent alarm that may be a composite one, where those are denied",
      given: { ...scene({ alarms: ["no-traffic"] }), compositesDenied: true },
      finds: ["error alarm-composite-denied"],
    },
    { name: "a stop that is denied", given: stopDenied(false), finds: ["warning permission-denied"] },
    {
      name: "a stop that is denied and comes first",
      given: stopDenied(true),
      finds: ["error permission-denied"],
    },
    {
      name: "an attach that EC2 refuses because the interface is in use",
      given: { permissions: [{ ...inUse, code: "InvalidNetworkInterface.InUse" }] },
      finds: [],
    },
    {
      name: "an attach that EC2 did not answer",
      given: { permissions: [{ ...inUse, code: "RequestLimitExceeded", unanswered: true }] },
      finds: ["warning permission-unproven"],
    },
    {
      name: "a record that could not be read, in mode observe",
      given: { ...scene({ policy: { mode: "observe" } }), record: { read: "no", error: "away." } },
      finds: ["error record-unread", "info observing"],
    },
  ])("$name: $finds", ({ given, finds }) => {
    expect(inShort(findingsOf(examined(given)))).toEqual(finds);
  });

  it.each([
    {
      how: "its host fails",
      seen: { m2: checked("system") },
      mend: /^aws ec2 stop-instances .* && aws ec2 start-instances/,
    },
    {
      how: "its guest fails",
      seen: { m2: checked("instance") },
      mend: /^aws ec2 reboot-instances --instance-ids i-m2$/,
    },
    { how: "it has just started", seen: { m2: "unknown" as const }, mend: /^npx sls invoke -f status/ },
  ])("a standby that is unwell because $how", ({ seen, mend }) => {
    const findings = findingsOf(examined(scene({}, { members: seen })));
    expect(inShort(findings)).toEqual(["error member-unwell"]);
    expect(findings[0]?.mend).toMatch(mend);
  });

  it.each([
    { state: "stopped", mend: "aws ec2 start-instances --instance-ids i-m2" },
    { state: "pending", mend: "aws ec2 wait instance-running --instance-ids i-m2" },
    {
      state: "stopping",
      mend: "aws ec2 wait instance-stopped --instance-ids i-m2 && aws ec2 start-instances --instance-ids i-m2",
    },
  ] as const)("a standby that is $state is made to run, or waited for", ({ state, mend }) => {
    const findings = findingsOf(examined(scene({}, { members: { m2: running({ state, checks: {} }) } })));
    expect(findings).toMatchObject([{ check: "member-stopped", mend }]);
  });

  it("a standby that an alarm of its own speaks against", () => {
    const group = groupOf();
    const members = group.members.map((one) => (one.name === "m2" ? { ...one, alarms: ["m2-full"] } : one));
    const rules = RULES.map((rule) => ({ ...rule, pattern: rule.pattern.replace("no-traffic", "m2-full") }));
    const state = { moves: [pastMove(HOUR)] };
    const situation = situationOf({ ...group, members }, { alarms: [alarm("m2-full")] }, state);
    expect(findingsOf(examined({ situation, rules }))).toMatchObject([
      { check: "member-unwell", mend: "aws cloudwatch describe-alarms --alarm-names m2-full" },
    ]);
  });

  it("an alarm of the stack comes back with a deploy, one of the user's own has to be made", () => {
    const { situation } = scene({ alarms: ["no-traffic"] });
    const [first, ...others] = situation.group.members;
    const members = first === undefined ? others : [{ ...first, statusAlarm: "s-status" }, ...others];
    const mends = findingsOf(
      examined({ situation: { ...situation, group: { ...situation.group, members } } }),
    );
    expect(mends.map(({ subject, mend }) => [subject, mend])).toEqual([
      ["s-status", "npx sls deploy"],
      ["no-traffic", expect.stringContaining("put-metric-alarm --alarm-name no-traffic")],
    ]);
  });
});

describe("of the controller", () => {
  const sound: ControllerExamined = {
    stack: "s",
    table: "t",
    recovery: true,
    expiry: "ttl",
    rules: [{ name: "s-sweep", enabled: true }],
    limitSeconds: 145,
    longestGrace: { group: "nat-a", seconds: 15 },
  };

  it.each<{ name: string; given: Partial<ControllerExamined>; finds: readonly string[]; mend?: string }>([
    { name: "all is as the stack makes it", given: {}, finds: [] },
    { name: "one second too few", given: { limitSeconds: 144 }, finds: ["warning time-limit"] },
    { name: "expiry by another attribute", given: { expiry: "until" }, finds: ["warning table-no-expiry"] },
    {
      name: "a schedule that is disabled",
      given: { rules: [{ name: "s-sweep", enabled: false }] },
      finds: ["error sweep-unscheduled"],
      mend: "aws events enable-rule --name s-sweep",
    },
    {
      name: "a schedule that is gone",
      given: { rules: [{ name: "s-alarm-1", enabled: true }] },
      finds: ["error sweep-unscheduled"],
      mend: "npx sls deploy",
    },
    {
      name: "nothing that could be read",
      given: { recovery: { unread: "x" }, expiry: { unread: "x" }, rules: { unread: "x" } },
      finds: ["warning unread", "warning unread", "warning unread"],
    },
  ])("$name: $finds", ({ given, finds, mend }) => {
    const findings = controllerFindings({ ...sound, ...given });
    expect(inShort(findings)).toEqual(finds);
    if (mend !== undefined) expect(findings[0]?.mend).toBe(mend);
  });
});
