/** Goal: EC2 answers the same at the `send` front, which the simulation uses, and on the wire, as the SDK reads it. */
import {
  AttachNetworkInterfaceCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  DetachNetworkInterfaceCommand,
  type Filter,
  ModifyNetworkInterfaceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Fronts, startFronts } from "./fronts.ts";
import { ELSEWHERE, FLOATING, GONE, LOOSE, ONE, SCENE, SECOND, SECURED, TWO } from "./fronts-scene.ts";

let fronts: Fronts;
beforeAll(async () => {
  fronts = await startFronts({ scene: SCENE });
});
afterAll(() => fronts.stop());

const ask = (command: { readonly input: object }) => fronts.ask({ service: "ec2", command });

/** Both the codes of a table row and how many rows came back are said: a contract of errors alone proves little. */
function found(answer: Answer, list: string): number | string {
  if ("error" in answer) return answer.error;
  return (answer.output[list] as readonly unknown[]).length;
}

describe("reading interfaces", () => {
  const by = (Name: string, ...Values: string[]): { Filters: Filter[] } => ({ Filters: [{ Name, Values }] });
  it.each<[object, number | string]>([
    [by("network-interface-id", FLOATING, SECOND), 2],
    [{ ...by("network-interface-id", FLOATING, SECOND, LOOSE), MaxResults: 1000 }, 3],
    [by("network-interface-id", GONE), 0],
    [by("attachment.instance-id", ONE), 3],
    [by("attachment.status", "attached"), 6],
    [by("attachment.device-index", "1"), 1],
    [by("status", "available"), 1],
    [by("tag:role", "floating & <first>"), 1],
    [by("tag-key", "role"), 1],
    [by("tag:role", "flo*"), 1],
    [by("group-id", SECURED), 1],
    [by("no-such-filter", "x"), "InvalidParameterValue"],
    [{ Filters: [{ Name: "status", Values: [] }] }, 0],
    [{ Filters: [] }, 7],
    [{ NetworkInterfaceIds: [FLOATING] }, 1],
    [{ NetworkInterfaceIds: [FLOATING, GONE] }, "InvalidNetworkInterfaceID.NotFound"],
    [{ NetworkInterfaceIds: ["eni-x"] }, "InvalidNetworkInterfaceID.Malformed"],
    [{ NetworkInterfaceIds: [FLOATING], MaxResults: 5 }, "InvalidParameterCombination"],
    [{ MaxResults: 4 }, "InvalidParameterValue"],
    [{ MaxResults: 5, NextToken: "not a token" }, "InvalidPaginationToken"],
    [{ NetworkInterfaceIds: [FLOATING], DryRun: true }, "DryRunOperation"],
  ])("%j", async (input, expected) => {
    expect(found(await ask(new DescribeNetworkInterfacesCommand(input)), "NetworkInterfaces")).toEqual(
      expected,
    );
  });

  it("page by page, until there is no token", async () => {
    const first = await ask(new DescribeNetworkInterfacesCommand({ MaxResults: 5 }));
    const NextToken = "output" in first ? (first.output.NextToken as string) : "";
    const second = await ask(new DescribeNetworkInterfacesCommand({ MaxResults: 5, NextToken }));
    expect([found(first, "NetworkInterfaces"), found(second, "NetworkInterfaces")]).toEqual([5, 2]);
    expect("output" in second && second.output.NextToken).toBeFalsy();
  });
});

describe("reading instances", () => {
  it.each<[object, number | string]>([
    [{ InstanceIds: [ONE, TWO], IncludeAllInstances: true }, 2],
    [{ InstanceIds: [ONE] }, 1],
    [{ InstanceIds: [ONE, "i-0123456789abcdefa"], IncludeAllInstances: true }, "InvalidInstanceID.NotFound"],
    [{ InstanceIds: ["i-nonsense"] }, "InvalidInstanceID.Malformed"],
    [{ InstanceIds: [ONE], MaxResults: 5 }, "InvalidParameterCombination"],
    [{ Filters: [{ Name: "instance-state-name", Values: ["running"] }], MaxResults: 100 }, 4],
    [{ Filters: [{ Name: "availability-zone", Values: ["eu-west-1b"] }] }, 1],
    [{ InstanceIds: [ONE], DryRun: true }, "DryRunOperation"],
  ])("status of %j", async (input, expected) => {
    expect(found(await ask(new DescribeInstanceStatusCommand(input)), "InstanceStatuses")).toEqual(expected);
  });

  it.each<[object, number | string]>([
    [{ InstanceIds: [ONE, TWO] }, 2],
    [{ InstanceIds: [ONE, "i-0123456789abcdefa"] }, "InvalidInstanceID.NotFound"],
    [{ Filters: [{ Name: "tag:Name", Values: ["one"] }] }, 1],
    [{ Filters: [{ Name: "nonsense", Values: ["one"] }] }, "InvalidParameterValue"],
    [{ InstanceIds: [ONE], DryRun: true }, "DryRunOperation"],
  ])("details of %j", async (input, expected) => {
    expect(found(await ask(new DescribeInstancesCommand(input)), "Reservations")).toEqual(expected);
  });

  it.each<[object, number | string]>([
    [{ InstanceTypes: ["t3.medium", "m5.2xlarge"] }, 2],
    [{ InstanceTypes: ["x9.nonsense"] }, "InvalidInstanceType"],
  ])("types of %j", async (input, expected) => {
    const answer = await ask(new DescribeInstanceTypesCommand(input as never));
    expect(found(answer, "InstanceTypes")).toEqual(expected);
  });

  it("an impaired, a hung and a leaving instance look the same", async () => {
    fronts.break({ kind: "impair", instance: TWO, check: "system" });
    fronts.break({ kind: "hang", instance: ELSEWHERE });
    const notBefore = fronts.now() + 3_600_000;
    fronts.break({ kind: "schedule-event", instance: ONE, code: "instance-retirement", notBefore });
    await fronts.pass(200_000);
    const InstanceIds = [ONE, TWO, ELSEWHERE];
    const answer = await ask(new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }));
    expect(JSON.stringify(answer)).toMatch(/ImpairedSince.*|instance-retirement/);
    for (const instance of InstanceIds) fronts.break({ kind: "heal", instance });
    await fronts.pass(200_000);
    await ask(new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }));
  });
});

it("what lies around instances and interfaces reads the same", async () => {
  expect(found(await ask(new DescribeSecurityGroupsCommand({ GroupIds: [SECURED] })), "SecurityGroups")).toBe(
    1,
  );
  expect(found(await ask(new DescribeSubnetsCommand({})), "Subnets")).toBe(2);
  expect(found(await ask(new DescribeVpcsCommand({})), "Vpcs")).toBe(1);
  const Filters = [{ Name: "key", Values: ["role"] }];
  expect(found(await ask(new DescribeTagsCommand({ Filters })), "Tags")).toBe(1);
});

describe("changing things", () => {
  const attach = (NetworkInterfaceId: string, InstanceId: string, DeviceIndex: number, more: object = {}) =>
    ask(
      new AttachNetworkInterfaceCommand({
        NetworkInterfaceId,
        InstanceId,
        DeviceIndex,
        NetworkCardIndex: 0,
        ...more,
      }),
    );
  const detach = (more: object = {}, eni = FLOATING) =>
    ask(new DetachNetworkInterfaceCommand({ AttachmentId: fronts.attachmentOf(eni), ...more }));
  const modify = (more: object) =>
    ask(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: FLOATING, ...more }));
  const codeOf = (answer: Answer) => ("error" in answer ? answer.error : "ok");

  it("an attach is refused alike in every bad state", async () => {
    const codes = [
      await attach(FLOATING, TWO, 1),
      await attach(GONE, TWO, 1),
      await attach("eni-x", TWO, 1),
      await attach(LOOSE, "i-0123456789abcdefa", 1),
      await attach(LOOSE, ELSEWHERE, 1),
      await attach(LOOSE, ONE, 0),
      await attach(LOOSE, ONE, 1),
      await attach(LOOSE, ONE, 3),
      await attach(LOOSE, TWO, 1, { NetworkCardIndex: 7 }),
      await attach(LOOSE, TWO, 1, { DryRun: true }),
    ].map(codeOf);
    expect(codes).toMatchInlineSnapshot(`
      [
        "InvalidNetworkInterface.InUse",
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidNetworkInterfaceID.Malformed",
        "InvalidInstanceID.NotFound",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidParameterValue",
        "AttachmentLimitExceeded",
        "InvalidParameterValue",
        "DryRunOperation",
      ]
    `);
  });

  it("a detach, and an attach elsewhere, through all their states", async () => {
    const look = () =>
      ask(
        new DescribeNetworkInterfacesCommand({
          Filters: [{ Name: "network-interface-id", Values: [FLOATING] }],
        }),
      );
    const codes: string[] = [];
    const note = async (answer: Promise<Answer>) => {
      codes.push(codeOf(await answer));
      await look();
    };
    await note(detach({ DryRun: true }));
    await note(ask(new DetachNetworkInterfaceCommand({ AttachmentId: "eni-attach-0123456789abcdef0" })));
    await note(ask(new DetachNetworkInterfaceCommand({ AttachmentId: "nonsense" })));
    fronts.break({ kind: "stick-detach", interface: FLOATING });
    await note(detach());
    await note(detach());
    await note(attach(FLOATING, TWO, 1));
    await fronts.pass(30_000);
    await note(detach({ Force: true }));
    await fronts.pass(100_000);
    await note(attach(FLOATING, TWO, 2));
    await note(detach());
    await fronts.pass(100_000);
    await note(attach(FLOATING, ONE, 1));
    await fronts.pass(100_000);
    expect(codes).toMatchInlineSnapshot(`
      [
        "DryRunOperation",
        "InvalidAttachmentID.NotFound",
        "InvalidNetworkInterfaceAttachmentId.Malformed",
        "ok",
        "IncorrectState",
        "InvalidNetworkInterface.InUse",
        "ok",
        "ok",
        "ok",
        "InvalidNetworkInterface.InUse",
      ]
    `);
  });

  it("attributes are changed, one a call", async () => {
    const AttachmentId = fronts.attachmentOf(SECOND);
    const codes = [
      await modify({ NetworkInterfaceId: SECOND, Attachment: { AttachmentId, DeleteOnTermination: true } }),
      await modify({ Groups: [SECURED] }),
      await modify({ Groups: ["sg-0000000000000dead"] }),
      await modify({ Groups: ["nonsense"] }),
      await modify({ Groups: [] }),
      await modify({ SourceDestCheck: { Value: false } }),
      await modify({ Description: { Value: "a 'quoted' & <tagged> text" } }),
      await modify({ Description: { Value: "" } }),
      await modify({ SourceDestCheck: { Value: true }, Groups: [SECURED] }),
      await modify({ Groups: [SECURED], DryRun: true }),
      await modify({}),
      await modify({ NetworkInterfaceId: GONE, Groups: [SECURED] }),
      await ask(new DescribeNetworkInterfacesCommand({})),
    ].map(codeOf);
    expect(codes).toMatchInlineSnapshot(`
      [
        "ok",
        "ok",
        "InvalidGroup.NotFound",
        "InvalidGroupId.Malformed",
        "InvalidParameterCombination",
        "ok",
        "ok",
        "ok",
        "InvalidParameterCombination",
        "DryRunOperation",
        "InvalidParameterCombination",
        "InvalidNetworkInterfaceID.NotFound",
        "ok",
      ]
    `);
  });

  it("instances are stopped, started, rebooted and terminated through all their states", async () => {
    const look = () => ask(new DescribeInstancesCommand({ InstanceIds: [TWO, ELSEWHERE] }));
    const codes: string[] = [];
    const note = async (command: { readonly input: object }) => {
      codes.push(codeOf(await ask(command)));
      await look();
      await ask(new DescribeInstanceStatusCommand({ InstanceIds: [TWO], IncludeAllInstances: true }));
    };
    const InstanceIds = [TWO];
    await note(new StopInstancesCommand({ InstanceIds, DryRun: true }));
    await note(new StopInstancesCommand({ InstanceIds: ["i-0123456789abcdefa"] }));
    await note(new RebootInstancesCommand({ InstanceIds }));
    await note(new StopInstancesCommand({ InstanceIds, Force: true }));
    await note(new StartInstancesCommand({ InstanceIds }));
    await note(new StopInstancesCommand({ InstanceIds }));
    await fronts.pass(700_000);
    await look();
    await note(new StartInstancesCommand({ InstanceIds }));
    await fronts.pass(250_000);
    await look();
    await note(new TerminateInstancesCommand({ InstanceIds: [ELSEWHERE] }));
    await note(new StopInstancesCommand({ InstanceIds: [ELSEWHERE] }));
    await fronts.pass(700_000);
    await look();
    await note(new StartInstancesCommand({ InstanceIds: [ELSEWHERE] }));
    expect(codes).toMatchInlineSnapshot(`
      [
        "DryRunOperation",
        "InvalidInstanceID.NotFound",
        "ok",
        "ok",
        "IncorrectInstanceState",
        "ok",
        "ok",
        "ok",
        "IncorrectInstanceState",
        "IncorrectInstanceState",
      ]
    `);
  });
});
