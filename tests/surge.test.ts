/** Twenty groups whose alarms go off at once, while their instances are fine: it is probably the alarms. */
import { expect, it } from "vitest";
import type { Config } from "../shared/config.ts";
import { onHealthEvent } from "../shared/health-event.ts";
import { surgeRule } from "../shared/surge.ts";
import { Fleet, groupsOf, MINUTE, SECOND } from "./fleet/fleet.ts";

const COUNT = 20;
const LIMIT = 5;

/** Every preferred member's alarm goes off in the same ten seconds. */
async function alarmed(fleet: Fleet): Promise<void> {
  for (const group of fleet.groups) {
    for (const alarm of group.members[0]?.alarms ?? []) fleet.cloud.alarms.report(alarm, 1, fleet.now());
  }
  await fleet.pass(20 * SECOND);
  fleet.cloud.tick(fleet.now());
}

function moved(fleet: Fleet): string[] {
  return fleet.groups
    .filter((group) => fleet.holder(group) !== group.members[0]?.instance)
    .map(({ name }) => name);
}

/** Refusals in the history: what an operator was told. */
function refusals(fleet: Fleet): string[] {
  return fleet.groups.flatMap(({ name }) =>
    fleet.cloud
      .history(name)
      .filter(({ kind }) => kind === "refusal")
      .map(({ because }) => `${name} ${because}`),
  );
}

it("as many move as the rule allows, the rest hold, and each tells it once", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  await alarmed(fleet);
  for (let minute = 0; minute < 3; minute += 1) {
    await fleet.sweep();
    await fleet.pass(MINUTE);
  }
  const away = moved(fleet);
  expect(away).toHaveLength(LIMIT);
  const held = fleet.groups.map(({ name }) => name).filter((name) => !away.includes(name));
  expect(refusals(fleet)).toEqual(held.map((name) => `${name} surge`));
  // Those that were held count for nobody.
  const noted = Object.keys(fleet.cloud.dynamo.peek("FLEET", "RECENT") ?? {});
  expect(noted.filter((key) => key.startsWith("GROUP#")).sort()).toEqual(away.map((name) => `GROUP#${name}`));
});

it("once they were told, groups that are held cost a sweep no look of their own", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  await alarmed(fleet);
  await fleet.sweep();
  await fleet.pass(MINUTE);
  fleet.counted();
  const { swept } = await fleet.sweep();
  expect(swept).toMatchObject({ because: { healthy: LIMIT, surge: COUNT - LIMIT }, started: [] });
  expect(fleet.counted()).toEqual({
    BatchGet: 1,
    DescribeAlarms: 1,
    DescribeInstanceStatus: 1,
    DescribeNetworkInterfaces: 1,
    Get: 1,
  });
});

it("when the first moves are no longer recent, as many again may go", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  await alarmed(fleet);
  for (let minute = 0; minute < 8; minute += 1) {
    await fleet.sweep();
    await fleet.pass(MINUTE);
  }
  expect(moved(fleet)).toHaveLength(2 * LIMIT);
});

it("events of all the alarms at the same moment do not slip through", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  for (const group of fleet.groups) {
    for (const alarm of group.members[0]?.alarms ?? []) fleet.cloud.alarms.report(alarm, 1, fleet.now());
  }
  await fleet.pass(20 * SECOND);
  const events = fleet.cloud.tick(fleet.now());
  expect(events.length).toBeGreaterThanOrEqual(COUNT);
  for (const event of events) {
    void fleet.invoke("event", (world, tell) => onHealthEvent(event, fleet.config, world, tell));
  }
  await fleet.pass(2 * MINUTE);
  expect(moved(fleet)).toHaveLength(LIMIT);
  expect(refusals(fleet)).toHaveLength(COUNT - LIMIT);
});

it("groups that one alarm concerns read together: CloudWatch answers for each of them", async () => {
  const fleet = new Fleet(groupsOf(60).map((group) => ({ ...group, alarms: ["zone-down"] })));
  await fleet.pass(MINUTE);
  fleet.cloud.tick(fleet.now());
  fleet.cloud.alarms.report("zone-down", 1, fleet.now());
  await fleet.pass(20 * SECOND);
  const [event, ...others] = fleet.cloud.tick(fleet.now());
  expect(others).toEqual([]);
  const handled = fleet.invoke("event", (world, tell) => onHealthEvent(event, fleet.config, world, tell));
  await fleet.pass(3 * MINUTE);
  const became = (await handled)?.reports.map(({ because }) => because) ?? [];
  expect(became.filter((because) => because === "active-failing")).toHaveLength(12);
  expect(became.filter((because) => because === "surge")).toHaveLength(48);
});

it("groups whose actives are dead are never held", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  for (const group of fleet.groups) {
    const instance = group.members[0]?.instance ?? "";
    fleet.cloud.ec2.break({ kind: "stop", instance, force: true }, fleet.now());
  }
  await alarmed(fleet);
  await fleet.sweep();
  await fleet.pass(2 * MINUTE);
  expect(moved(fleet)).toHaveLength(COUNT);
});

it("groups whose actives EC2 itself sees failing are never held", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  for (const group of fleet.groups) {
    const instance = group.members[0]?.instance ?? "";
    fleet.cloud.ec2.break({ kind: "impair", instance, check: "system" }, fleet.now());
  }
  await alarmed(fleet);
  await fleet.pass(3 * MINUTE);
  await fleet.sweep();
  await fleet.pass(2 * MINUTE);
  expect(moved(fleet)).toHaveLength(COUNT);
});

it("a table that does not answer for the fleet holds nobody", async () => {
  const fleet = new Fleet(groupsOf(COUNT));
  await alarmed(fleet);
  fleet.broken = (_, input) =>
    JSON.stringify(input).includes("RECENT")
      ? Object.assign(new Error("away"), { code: "InternalServerError", status: 500 })
      : undefined;
  await fleet.sweep();
  await fleet.pass(2 * MINUTE);
  expect(moved(fleet)).toHaveLength(COUNT);
});

it.each([
  { groups: 5, rule: undefined },
  { groups: 6, rule: { limit: 5, seconds: 300 } },
  { groups: 27, rule: { limit: 6, seconds: 300 } },
  { groups: 1_000, rule: { limit: 200, seconds: 300 } },
])("in a fleet of $groups groups the rule is $rule", ({ groups, rule }) => {
  const all = groupsOf(groups).map((group) => [group.name, group] as const);
  const config: Config = {
    groups: Object.fromEntries(all),
    surge: { groups: 5, share: 0.2, seconds: 300 },
    historyDays: 400,
    statusAlarm: { enabled: false, periods: 2, of: 2, attachedEbs: false, application: false },
    drills: { blocked: [] },
    notifications: { emails: [], runbook: "docs/runbook.md" },
  };
  expect(surgeRule(config)).toEqual(rule);
});
