/** Reading a fleet in batches: which calls are made, and what one that fails hides. */
import { expect, it } from "vitest";
import type { Group } from "../shared/core/model.ts";
import { observeFleet } from "../shared/observe/fleet.ts";
import { awsError, group, member, stubWorld } from "./stub-world.ts";

const FLEET: readonly Group[] = Array.from({ length: 120 }, (_, index) => {
  const number = index.toString(16).padStart(2, "0");
  return group({
    name: `g${number}`,
    interfaces: [{ eni: `eni-${number}`, deviceIndexes: [1] }],
    members: [member(`i-${number}a`), member(`i-${number}b`)],
  });
});

/** Even groups are in one zone, odd ones in another. */
const zoneOf = (id: string): string =>
  `eu-west-1${Number.parseInt(id.slice(id.indexOf("-") + 1, id.indexOf("-") + 3), 16) % 2 === 0 ? "a" : "b"}`;

/** A healthy fleet; `refuse` says which DescribeInstanceStatus fails, and how. */
function cloud(refuse: (ids: readonly string[]) => Error | undefined = () => undefined) {
  return stubWorld((operation, input) => {
    if (operation === "DescribeNetworkInterfaces") {
      const [filter] = input.Filters as { Values: string[] }[];
      return {
        NetworkInterfaces: filter?.Values.map((id) => ({
          NetworkInterfaceId: id,
          Status: "available",
          AvailabilityZone: zoneOf(id),
        })),
      };
    }
    if (operation === "DescribeAlarms") return { MetricAlarms: [] };
    const ids = input.InstanceIds as string[];
    const error = refuse(ids);
    if (error !== undefined) throw error;
    return {
      InstanceStatuses: ids.map((id) => ({
        InstanceId: id,
        AvailabilityZone: zoneOf(id),
        InstanceState: { Name: "running" },
        InstanceStatus: { Status: "ok" },
      })),
    };
  });
}

/** The members that could not be seen. */
async function unseen(stub: ReturnType<typeof cloud>): Promise<Record<string, string>> {
  const seen = await observeFleet(stub.world, FLEET);
  return Object.fromEntries(
    [...seen.values()].flatMap(({ members }) =>
      Object.entries(members).flatMap(([name, { instance }]) =>
        instance.read === "ok" ? [] : [[name, instance.read === "failed" ? instance.error : instance.read]],
      ),
    ),
  );
}

it("status is asked for by ids, a hundred a call, of one zone a call", async () => {
  const stub = cloud();
  expect(await unseen(stub)).toEqual({});
  const asked = stub.inputs("DescribeInstanceStatus").map((input) => input.InstanceIds as string[]);
  expect(asked.map((ids) => ids.length)).toEqual([100, 20, 100, 20]);
  for (const ids of asked) expect(new Set(ids.map(zoneOf)).size).toBe(1);
  expect(stub.inputs("DescribeNetworkInterfaces")).toEqual([expect.objectContaining({ MaxResults: 1000 })]);
});

it("ids that EC2 does not know are dropped by name, and the others are read in one more call", async () => {
  const gone = ["i-02a", "i-04b"];
  const stub = cloud((ids) => {
    const named = ids.filter((id) => gone.includes(id));
    if (named.length === 0) return undefined;
    const message = `The instance IDs '${named.join(", ")}' do not exist`;
    return awsError("InvalidInstanceID.NotFound", 400, message);
  });
  expect(await unseen(stub)).toEqual({ "i-02a": "not-found", "i-04b": "not-found" });
  expect(stub.inputs("DescribeInstanceStatus")).toHaveLength(5);
});

it("a NotFound that names nobody is traced to the one, and nobody else is taken to be gone", async () => {
  const stub = cloud((ids) => (ids.includes("i-10a") ? awsError("InvalidInstanceID.NotFound") : undefined));
  expect(await unseen(stub)).toEqual({ "i-10a": "not-found" });
});

it("one instance that fails its call hides itself alone", async () => {
  const stub = cloud((ids) => (ids.includes("i-10a") ? awsError("InvalidParameterValue") : undefined));
  expect(await unseen(stub)).toEqual({ "i-10a": "InvalidParameterValue (HTTP 400)" });
  expect(stub.inputs("DescribeInstanceStatus").length).toBeLessThanOrEqual(4 + 14);
});

it("a zone in which every call fails costs a bounded number of calls, and the other zone is seen", async () => {
  const stub = cloud((ids) =>
    ids.some((id) => zoneOf(id) === "eu-west-1b") ? awsError("InternalError", 500) : undefined,
  );
  const failed = Object.keys(await unseen(stub));
  expect(failed).toHaveLength(120);
  expect(new Set(failed.map(zoneOf))).toEqual(new Set(["eu-west-1b"]));
  // Each call that fails is tried up to six times (`ask.ts`).
  expect(stub.inputs("DescribeInstanceStatus").length).toBeLessThanOrEqual((4 + 32) * 6);
});

it("throttling is not answered with more calls", async () => {
  const stub = cloud(() => awsError("RequestLimitExceeded", 503));
  expect(Object.keys(await unseen(stub))).toHaveLength(240);
  expect(stub.inputs("DescribeInstanceStatus").length).toBeLessThanOrEqual(4 * 6);
});

it("alarms are asked for a hundred names a call, five calls a second, without those on status checks", async () => {
  const groups = FLEET.map((one) => ({
    ...one,
    members: one.members.map((each) => ({
      ...each,
      alarms: [`${each.name}-1`, `${each.name}-2`],
      statusAlarm: `${each.name}-status`,
    })),
  }));
  const stub = cloud();
  const began = stub.world.clock.now();
  await observeFleet(stub.world, groups);
  const asked = stub.inputs("DescribeAlarms");
  expect(asked.map(({ AlarmNames }) => (AlarmNames as string[]).length)).toEqual([100, 100, 100, 100, 80]);
  expect(
    asked.flatMap(({ AlarmNames }) => AlarmNames as string[]).some((name) => name.endsWith("status")),
  ).toBe(false);
  expect(stub.world.clock.now() - began).toBeGreaterThanOrEqual(800);
});

it("an alarm that could not be read makes unread only the groups that name it", async () => {
  const groups = FLEET.map((one, index) => ({ ...one, alarms: [`traffic-${index}`] }));
  const { world } = stubWorld((operation, input) => {
    if (operation !== "DescribeAlarms") return {};
    if ((input.AlarmNames as string[]).includes("traffic-0")) throw awsError("AccessDenied", 403);
    return { MetricAlarms: [] };
  });
  const seen = await observeFleet(world, groups);
  const unread = groups.filter(({ name }) => seen.get(name)?.alarmsUnread !== undefined);
  expect(unread).toEqual(groups.slice(0, 100));
});
