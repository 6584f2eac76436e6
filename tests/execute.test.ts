/** The calls that change EC2: exactly what is sent, and what becomes of a refusal. */
import { AttachNetworkInterfaceCommand, DetachNetworkInterfaceCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import {
  attach,
  detach,
  keepOnTermination,
  mayAttach,
  mayDetach,
  mayStop,
  stopInstance,
} from "../shared/execute.ts";
import type { World } from "../shared/world.ts";
import { A, awsError, ENI, stubWorld } from "./stub-world.ts";

const WANTED = { eni: ENI, instance: A, deviceIndex: 2 };
const AT = { NetworkInterfaceId: ENI, InstanceId: A, DeviceIndex: 2, NetworkCardIndex: 0 };
const STOP = { InstanceIds: [A], Force: true, SkipOsShutdown: true };

type Case = readonly [string, (world: World) => Promise<unknown>, operation: string, input: object];

const changes: readonly Case[] = [
  [
    "a graceful detach",
    (world) => detach(world, "eni-attach-1", { force: false }),
    "DetachNetworkInterface",
    { AttachmentId: "eni-attach-1", Force: false },
  ],
  [
    "a forced detach",
    (world) => detach(world, "eni-attach-1", { force: true }),
    "DetachNetworkInterface",
    { AttachmentId: "eni-attach-1", Force: true },
  ],
  ["an attach says the network card", (world) => attach(world, WANTED), "AttachNetworkInterface", AT],
  [
    "keeping the interface on termination",
    (world) => keepOnTermination(world, ENI, "eni-attach-1"),
    "ModifyNetworkInterfaceAttribute",
    { NetworkInterfaceId: ENI, Attachment: { AttachmentId: "eni-attach-1", DeleteOnTermination: false } },
  ],
  [
    "a stop that asks the guest",
    (world) => stopInstance(world, A, { force: false }),
    "StopInstances",
    { InstanceIds: [A], Force: false, SkipOsShutdown: false },
  ],
  ["a stop that does not", (world) => stopInstance(world, A, { force: true }), "StopInstances", STOP],
];

const rehearsals: readonly Case[] = [
  [
    "a detach",
    (world) => mayDetach(world, "eni-attach-1"),
    "DetachNetworkInterface",
    { AttachmentId: "eni-attach-1", DryRun: true },
  ],
  ["an attach", (world) => mayAttach(world, WANTED), "AttachNetworkInterface", { ...AT, DryRun: true }],
  ["a stop", (world) => mayStop(world, A), "StopInstances", { ...STOP, DryRun: true }],
];

describe("what is sent", () => {
  it.each(changes)("%s", async (_, act, operation, input) => {
    const { world, calls } = stubWorld(() => ({ AttachmentId: "eni-attach-2" }));
    await act(world);
    expect(calls).toEqual([
      { operation, input, options: { abortSignal: world.signal, requestTimeout: 5000 } },
    ]);
  });

  it("an attach answers the id of the attachment", async () => {
    const { world } = stubWorld(() => ({ AttachmentId: "eni-attach-2", NetworkCardIndex: 0 }));
    expect(await attach(world, WANTED)).toBe("eni-attach-2");
  });

  it("an attach that names no attachment is looked at again", async () => {
    const { world } = stubWorld(() => ({}));
    await expect(attach(world, WANTED)).rejects.toMatchObject({ next: "look-again", code: "no-answer" });
  });
});

describe("a change that fails", () => {
  const steps = ["detach", "detach", "attach", "modify", "stop", "stop"] as const;
  it.each(changes.map((change, index) => [change[0], change[1], steps[index]] as const))(
    "%s: is sent once, and says its step",
    async (_, act, step) => {
      const { world, calls } = stubWorld(() => {
        throw awsError("RequestLimitExceeded", 503);
      });
      await expect(act(world)).rejects.toMatchObject({
        name: "Failure",
        next: "look-again",
        code: "RequestLimitExceeded",
        status: 503,
        step,
      });
      expect(calls).toHaveLength(1);
    },
  );
});

describe("a rehearsal", () => {
  it.each(rehearsals)(
    "of %s says DryRun, and is allowed by EC2's error that says so",
    async (_, ask, operation, input) => {
      const { world, calls } = stubWorld(() => {
        throw awsError("DryRunOperation", 412);
      });
      expect(await ask(world)).toBe("allowed");
      expect(calls).toMatchObject([{ operation, input }]);
    },
  );

  it.each(rehearsals)("of %s answers a missing permission as the operator's to mend", async (_, ask) => {
    const { world } = stubWorld(() => {
      throw awsError("UnauthorizedOperation", 403);
    });
    expect(await ask(world)).toMatchObject({
      next: "operator",
      code: "UnauthorizedOperation",
      step: "dry-run",
    });
  });
});

it("the SDK's own client takes these calls", async () => {
  const client = mockClient(EC2Client);
  try {
    client.on(DetachNetworkInterfaceCommand).rejects(awsError("InvalidAttachmentID.NotFound"));
    client.on(AttachNetworkInterfaceCommand).resolves({ AttachmentId: "eni-attach-2" });
    const world = { ...stubWorld(() => ({})).world, ec2: new EC2Client({ region: "eu-west-1" }) };
    await expect(detach(world, "eni-attach-1", { force: true })).rejects.toMatchObject({
      next: "look-again",
      code: "InvalidAttachmentID.NotFound",
    });
    expect(await attach(world, WANTED)).toBe("eni-attach-2");
  } finally {
    client.restore();
  }
});
