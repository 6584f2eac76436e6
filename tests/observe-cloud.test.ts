/** The look and the changes against the embedded cloud's EC2: what one does, the other sees. */
import { expect, it } from "vitest";
import type { Ec2 } from "../local/ec2/ec2.ts";
import { attach, detach, keepOnTermination, mayAttach, mayDetach, stopInstance } from "../shared/execute.ts";
import { observe, observeInterfaces } from "../shared/observe.ts";
import type { World } from "../shared/world.ts";
import { cloud, floating, one, start, two } from "./local/ec2-fixture.ts";
import { group, member, stubWorld } from "./stub-world.ts";

const GONE = "i-0dddddddddddddddd";
const GROUP = group({
  interfaces: [{ eni: floating, deviceIndexes: [1] }],
  members: [member(one), member(two)],
});

/** The stub's world with this EC2 in it, and the time where the test wants it. */
function worldOf(ec2: Ec2, from = start) {
  let now = from;
  const { world } = stubWorld((operation, input) => {
    try {
      return ec2.call(operation, input, now);
    } catch (error) {
      // As the SDK does: the code becomes the error's name.
      throw error instanceof Error && "code" in error ? Object.assign(error, { name: error.code }) : error;
    }
  });
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  const clock = { now: () => now, sleep: async (milliseconds: number) => pass(milliseconds) };
  return { world: { ...world, clock } satisfies World, pass };
}

it("a look at a healthy group", async () => {
  const { world } = worldOf(cloud().ec2);
  const seen = await observe(world, GROUP, { details: true });
  expect(seen.interfaces[floating]).toMatchObject({ state: "attached", instance: one, deviceIndex: 1 });
  for (const instance of [one, two]) {
    expect(seen.members[instance]).toMatchObject({
      instance: {
        read: "ok",
        state: "running",
        zone: "eu-west-1a",
        checks: { system: { status: "ok" }, instance: { status: "ok" } },
      },
      details: { attachments: expect.arrayContaining([expect.objectContaining({ deviceIndex: 0 })]) },
    });
  }
  expect(seen.members[one]?.details?.attachments).toContainEqual({ deviceIndex: 1, eni: floating });
});

it("how many interfaces an instance may have is read where the group's could be too many", async () => {
  const { world } = worldOf(cloud().ec2);
  const more = ["eni-0aaaaaaaaaaaaaaa1", "eni-0aaaaaaaaaaaaaaa2"].map((eni) => ({ eni, deviceIndexes: [2] }));
  const large = { ...GROUP, interfaces: [...GROUP.interfaces, ...more] };
  const seen = await observe(world, large, { details: true });
  for (const instance of [one, two])
    expect(seen.members[instance]?.details?.maxInterfaces).toBeGreaterThan(1);
});

it("an instance that EC2 does not know is not-found, and the others are seen", async () => {
  const { world } = worldOf(cloud().ec2);
  const seen = await observe(world, group({ members: [member(GONE), member(two)] }), { details: true });
  expect(seen.members[GONE]).toEqual({ instance: { read: "not-found" } });
  expect(seen.members[two]).toMatchObject({ instance: { read: "ok" }, details: {} });
});

it("a move, step by step: detach, attach, keep, and each is seen", async () => {
  const { world, pass } = worldOf(cloud().ec2);
  const look = async () => (await observeInterfaces(world, GROUP))[floating];
  const before = await look();
  if (before?.state !== "attached") throw new Error("the scene is not set");
  expect(await mayDetach(world, before.attachmentId)).toBe("allowed");
  await detach(world, before.attachmentId, { force: false });
  expect(await look()).toMatchObject({ state: "detaching", attachmentId: before.attachmentId });
  const wanted = { eni: floating, instance: two, deviceIndex: 1 };
  await expect(attach(world, wanted)).rejects.toMatchObject({ next: "look-again", step: "attach" });
  pass(10_000);
  expect(await look()).toEqual({ state: "available", zone: "eu-west-1a" });
  await expect(detach(world, before.attachmentId, { force: true })).rejects.toMatchObject({
    next: "look-again",
    code: "InvalidAttachmentID.NotFound",
  });
  expect(await mayAttach(world, wanted)).toBe("allowed");
  const attachmentId = await attach(world, wanted);
  expect(await look()).toMatchObject({ state: "attaching", attachmentId, instance: two });
  pass(10_000);
  await keepOnTermination(world, floating, attachmentId);
  expect(await look()).toMatchObject({ state: "attached", attachmentId, deleteOnTermination: false });
});

it("a stop that does not ask the guest", async () => {
  const { world, pass } = worldOf(cloud().ec2);
  await stopInstance(world, one, { force: true });
  const state = async () => (await observe(world, GROUP, { details: false })).members[one]?.instance;
  expect(await state()).toMatchObject({ read: "ok", state: "stopping" });
  pass(600_000);
  expect(await state()).toMatchObject({ read: "ok", state: "stopped" });
});

it("an instance that hangs is impaired, since when EC2 says", async () => {
  const { ec2 } = cloud();
  ec2.break({ kind: "hang", instance: one }, start);
  const { world, pass } = worldOf(ec2);
  pass(300_000);
  const { at, members } = await observe(world, GROUP, { details: false });
  const seen = members[one]?.instance;
  if (seen?.read !== "ok") throw new Error("it must be read");
  expect(seen).toMatchObject({ state: "running", checks: { instance: { status: "impaired" } } });
  expect(seen.checks.instance?.impairedSince).toBeGreaterThan(start);
  expect(seen.checks.instance?.impairedSince).toBeLessThan(at);
  expect(members[two]).toMatchObject({ instance: { checks: { instance: { status: "ok" } } } });
});
