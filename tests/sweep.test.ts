/** A sweep of a whole fleet: few calls while all is well, and a look of its own for each group that is not. */
import { expect, it } from "vitest";
import { command } from "../shared/command.ts";
import { pause } from "../shared/core/commands.ts";
import { SCHEMA } from "../shared/core/model.ts";
import { emptyState } from "../shared/core/record.ts";
import { Failure } from "../shared/errors.ts";
import { emptyMemory } from "../shared/memory.ts";
import { triage } from "../shared/triage.ts";
import { Fleet, groupsOf, MINUTE, SECOND } from "./fleet/fleet.ts";
import { TABLE } from "./simulation/cloud.ts";

const WRITES = /^(Put|Update|Delete|BatchWrite|TransactWrite|Attach|Detach|Modify|Stop)/;

function stop(fleet: Fleet, ...indexes: readonly number[]): void {
  for (const index of indexes) {
    const instance = fleet.groups[index]?.members[0]?.instance ?? "";
    fleet.cloud.ec2.break({ kind: "stop", instance, force: true }, fleet.now());
  }
}

/** On which member each of these groups is: 0 is the preferred. */
function places(fleet: Fleet, ...indexes: readonly number[]): (number | undefined)[] {
  return indexes.map((index) => {
    const group = fleet.groups[index];
    return group?.members.findIndex((member) => member.instance === fleet.holder(group));
  });
}

it("a quiet sweep of 1,000 groups writes nothing, asks 55 times and the doctor for two groups, and takes seconds", async () => {
  const fleet = new Fleet(groupsOf(1_000));
  fleet.hasDoctor = true;
  const { swept, tookMs } = await fleet.sweep();
  expect(swept).toMatchObject({ looked: 1_000, because: { healthy: 1_000 }, started: [], left: 0 });
  const counted = fleet.counted();
  expect(counted).toEqual({
    BatchGet: 10,
    DescribeAlarms: 20,
    DescribeInstanceStatus: 20,
    DescribeNetworkInterfaces: 5,
    Invoke: 2,
  });
  expect(fleet.examined).toEqual(["nat-0000", "nat-0001"]);
  expect(Object.keys(counted).filter((operation) => WRITES.test(operation))).toEqual([]);
  expect(fleet.throttled).toBe(0);
  expect(tookMs).toBeLessThan(10 * SECOND);
});

it("two groups that don't simply hold get an invocation each, and the others none", async () => {
  const fleet = new Fleet(groupsOf(30));
  stop(fleet, 3, 17);
  const { swept } = await fleet.sweep();
  expect(swept).toMatchObject({ looked: 28, because: { healthy: 28 }, left: 0 });
  expect([...fleet.started].sort()).toEqual([["nat-0003"], ["nat-0011"]]);
  await fleet.pass(MINUTE);
  expect(places(fleet, 3, 17, 0)).toEqual([1, 1, 0]);
});

it("more than two share invocations of fifty, in which they read together", async () => {
  const fleet = new Fleet(groupsOf(120));
  const stopped = Array.from({ length: 60 }, (_, index) => 2 * index);
  stop(fleet, ...stopped);
  const { swept } = await fleet.sweep();
  expect(swept).toMatchObject({ looked: 60, because: { healthy: 60 }, left: 0 });
  expect(fleet.started.map((names) => names.length)).toEqual([50, 10]);
  await fleet.pass(3 * MINUTE);
  expect(places(fleet, ...stopped)).toEqual(stopped.map(() => 1));
  expect(places(fleet, 1, 3, 119)).toEqual([0, 0, 0]);
  const looks = fleet.told.filter(({ by }) => by.startsWith("look"));
  expect(looks.map(({ report }) => report.outcome)).toEqual(stopped.map(() => "moved"));
  // A read of fifty groups is one call; sixty that read apart would take thousands.
  expect(fleet.counted().DescribeNetworkInterfaces).toBeLessThan(1_000);
});

it("a single group in trouble is looked at by the sweep itself", async () => {
  const fleet = new Fleet(groupsOf(3));
  stop(fleet, 1);
  const { swept } = await fleet.sweep();
  expect(swept).toMatchObject({ looked: 3, because: { healthy: 2, "active-dead": 1 }, started: [] });
  expect(places(fleet, 0, 1, 2)).toEqual([0, 1, 0]);
});

it("the oldest outage comes first", async () => {
  const fleet = new Fleet(groupsOf(20));
  const alarm = (index: number): void =>
    fleet.cloud.alarms.report(fleet.groups[index]?.members[0]?.alarms[0] ?? "", 1, fleet.now());
  for (const index of [12, 4, 9]) {
    alarm(index);
    await fleet.pass(20 * SECOND);
    fleet.cloud.tick(fleet.now());
  }
  let due: readonly string[] = [];
  void fleet.invoke("triage", async (world) => {
    due = (await triage(fleet.groups, world)).due.map((group) => group.name);
  });
  await fleet.pass(MINUTE);
  expect(due).toEqual(["nat-000c", "nat-0004", "nat-0009"]);
});

it("where Lambda refuses, the sweep looks itself, and asks Lambda no more", async () => {
  const fleet = new Fleet(groupsOf(20));
  fleet.broken = (operation) =>
    operation === "Invoke"
      ? Object.assign(new Error("no"), { code: "AccessDeniedException", status: 403 })
      : undefined;
  stop(fleet, ...Array.from({ length: 12 }, (_, index) => index));
  const { swept } = await fleet.sweep();
  expect(swept).toMatchObject({ looked: 20, because: { healthy: 8, "active-dead": 12 }, started: [] });
  expect(fleet.counted().Invoke).toBeLessThanOrEqual(8);
  expect(places(fleet, 0, 11)).toEqual([1, 1]);
});

it("a hold that was told, and only waits for a person, is left in peace", async () => {
  const fleet = new Fleet(groupsOf(4));
  const [group] = fleet.groups;
  if (group === undefined) throw new Error("there must be groups");
  void fleet.invoke("pause", (world) =>
    command(group, fleet.config, world, (state, now) => pause(state, { by: "operator" }, now)),
  );
  await fleet.pass(MINUTE);
  stop(fleet, 0);
  await fleet.sweep();
  fleet.counted();
  const { swept } = await fleet.sweep();
  expect(swept).toMatchObject({ because: { healthy: 3, paused: 1 }, started: [] });
  expect(fleet.counted()).toEqual({
    BatchGet: 1,
    DescribeAlarms: 1,
    DescribeInstanceStatus: 1,
    DescribeNetworkInterfaces: 1,
  });
  expect(places(fleet, 0)).toEqual([0]);
  expect(fleet.told.filter(({ report }) => report.because === "paused" && report.notify)).toHaveLength(1);
});

it("without the table a sweep of healthy groups says so once, and looks no further", async () => {
  const fleet = new Fleet(groupsOf(150));
  fleet.broken = (operation) =>
    operation === "BatchGet"
      ? Object.assign(new Error("away"), { code: "InternalServerError", status: 500 })
      : undefined;
  await fleet.sweep();
  expect(fleet.threw).toEqual([expect.any(Failure)]);
  expect(String(fleet.threw[0])).toContain("150 groups");
  expect(fleet.counted()).toMatchObject({ DescribeNetworkInterfaces: 1, DescribeInstanceStatus: 3 });
});

it("a record that is broken is told as that, and not as a table that is away", async () => {
  const fleet = new Fleet(groupsOf(4));
  const Item = { pk: "GROUP#nat-0002", sk: "STATE", schema: 1, version: 1, epoch: 0, moves: "none" };
  fleet.cloud.dynamo.execute("PutCommand", { TableName: TABLE, Item });
  await fleet.sweep();
  expect(fleet.threw).toEqual([expect.objectContaining({ next: "operator", code: "BrokenRecord" })]);
  expect(fleet.told.map(({ report }) => report.because)).toEqual(["healthy", "healthy", "healthy"]);
});

it("a newer version's record is told anew where it was this one's meanwhile", async () => {
  const fleet = new Fleet(groupsOf(2));
  const memory = emptyMemory();
  const notified: boolean[] = [];
  for (const schema of [SCHEMA + 1, SCHEMA + 1, SCHEMA, SCHEMA + 1]) {
    const Item = { ...emptyState(), schema, version: 1, pk: "GROUP#nat-0000", sk: "STATE" };
    fleet.cloud.dynamo.execute("PutCommand", { TableName: TABLE, Item });
    void fleet.invoke("triage", async (world) => {
      const { quiet } = await triage(fleet.groups, { ...world, memory });
      notified.push(quiet.some(({ notify }) => notify));
    });
    await fleet.pass(MINUTE);
  }
  expect(notified).toEqual([true, false, false, true]);
});

it("looks are begun at the rate of EC2's bucket; what does not fit into the minute is left to the next sweep", async () => {
  const fleet = new Fleet(groupsOf(400));
  fleet.broken = (operation) =>
    operation === "DescribeInstanceStatus"
      ? Object.assign(new Error("no"), { code: "UnauthorizedOperation", status: 403 })
      : undefined;
  const { swept, tookMs } = await fleet.sweep();
  const started = swept?.started.length ?? 0;
  // A hundred at once, and fifty every ten seconds for most of a minute.
  expect(started).toBe(350);
  expect(swept?.left).toBe(400 - started);
  expect(tookMs).toBeLessThan(MINUTE);
  await fleet.pass(MINUTE);
  expect(fleet.told.every(({ report }) => report.because === "unconfirmed")).toBe(true);
});
