/** The doctor's daily look at each group of a fleet, that the sweep sees to: spread, cheap, and in nobody's way. */
import { expect, it } from "vitest";
import { emptyState } from "../shared/core/record.ts";
import { startExaminations } from "../shared/daily.ts";
import { doctor, type Examination } from "../shared/doctor.ts";
import { parseDoctorRequest } from "../shared/requests/doctor.ts";
import { Fleet, groupsOf, MINUTE, SECOND } from "./fleet/fleet.ts";
import { stubWorld, T0 } from "./stub-world.ts";

const SWEEPS = 24 * 60;

function fleetWithDoctor(count: number): Fleet {
  const fleet = new Fleet(groupsOf(count));
  fleet.hasDoctor = true;
  return fleet;
}

it("each group has its look once a day, however many sweeps there are", async () => {
  const fleet = fleetWithDoctor(3);
  for (let sweep = 0; sweep < 10; sweep += 1) {
    await fleet.sweep();
    await fleet.pass(MINUTE);
  }
  expect(fleet.examined).toEqual(["nat-0000", "nat-0001", "nat-0002"]);
  await fleet.pass((SWEEPS - 8) * MINUTE);
  for (let sweep = 0; sweep < 3; sweep += 1) {
    await fleet.sweep();
    await fleet.pass(MINUTE);
  }
  expect(fleet.examined.slice(3)).toEqual(["nat-0000", "nat-0001", "nat-0002"]);
  expect(fleet.threw).toEqual([]);
});

it("a fleet of one group is looked at, too, and a look at one of several asks nobody", async () => {
  const fleet = fleetWithDoctor(1);
  await fleet.sweep();
  expect(fleet.examined).toEqual(["nat-0000"]);
});

it("a doctor that can't be asked does not fail the sweep", async () => {
  const fleet = fleetWithDoctor(2);
  fleet.broken = (operation) =>
    operation === "Invoke"
      ? Object.assign(new Error("no"), { code: "AccessDeniedException", status: 403 })
      : undefined;
  expect((await fleet.sweep()).swept).toMatchObject({ because: { healthy: 2 } });
  expect(fleet.threw).toEqual([]);
});

it("a group in the middle of a move is left alone", async () => {
  const fleet = fleetWithDoctor(2);
  const [group] = fleet.groups;
  fleet.cloud.ec2.break({ kind: "stick-detach", interface: group?.interfaces[0]?.eni ?? "" }, fleet.now());
  fleet.cloud.ec2.break({ kind: "hang", instance: group?.members[0]?.instance ?? "" }, fleet.now());
  fleet.cloud.alarms.report(group?.members[0]?.alarms[0] ?? "", 1, fleet.now());
  await fleet.pass(20 * SECOND);
  fleet.cloud.tick(fleet.now());
  void fleet.sweep();
  await fleet.pass(2 * SECOND);
  await fleet.sweep();
  expect(fleet.examined[0]).toBe("nat-0001");
});

it("a look that left no trace is asked for again after an hour, and not by every sweep", async () => {
  const { config, groups } = new Fleet(groupsOf(1));
  const { world, inputs } = stubWorld(() => ({ StatusCode: 202 }));
  const self = { lambda: { send: world.ec2.send as never }, functionName: "sweep", doctor: "doctor" };
  world.memory.copies.set("nat-0000", { at: T0, state: emptyState() });
  for (let sweep = 0; sweep < 90; sweep += 1) {
    await startExaminations(groups, config, { ...world, self });
    await world.clock.sleep(MINUTE);
  }
  expect(inputs("Invoke")).toMatchObject([{ FunctionName: "doctor" }, { InvocationType: "Event" }]);
});

it("the daily look is asked for with its group", () => {
  const { config, groups } = new Fleet(groupsOf(2));
  expect(parseDoctorRequest({ group: "nat-0001", daily: true }, config)).toEqual({ daily: groups[1] });
  expect(parseDoctorRequest(undefined, config)).toEqual({ groups });
  expect(() => parseDoctorRequest({ daily: true }, config)).toThrow(/group: .*name it/);
});

it("a fleet by hand takes less than half of EC2's tokens, and names the groups that it had no time for", async () => {
  const fleet = new Fleet(groupsOf(400));
  let answer: Examination | undefined;
  let tookMs = 0;
  const began = fleet.now();
  void fleet.invoke("doctor", async (world) => {
    answer = await doctor(fleet.groups, { config: fleet.config, world, stack: "fleet" });
    tookMs = fleet.now() - began;
  });
  while (answer === undefined && fleet.threw.length === 0) await fleet.pass(SECOND);
  expect(fleet.threw).toEqual([]);
  const unreached = answer?.findings.filter(({ mend }) => mend.startsWith("npx sls invoke -f doctor")) ?? [];
  expect(tookMs).toBeLessThan(290 * SECOND);
  const { AttachNetworkInterface: attaches = 0 } = fleet.counted();
  // Twenty at once, and two a second: EC2 takes fifty, and five.
  expect(attaches).toBeLessThanOrEqual(20 + (2 * tookMs) / SECOND + 2);
  expect(fleet.throttled).toBe(0);
  expect(unreached.map(({ subject }) => subject)).toEqual(
    fleet.groups.slice(attaches / 2).map(({ name }) => name),
  );
  expect(answer?.checked).toContain(`of ${attaches / 2} groups`);
});
