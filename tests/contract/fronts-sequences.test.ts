/** Goal: whatever is changed, in whatever order, both fronts of the embedded cloud go the same way. */
import {
  AttachNetworkInterfaceCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Fronts, startFronts } from "./fronts.ts";
import { ELSEWHERE, FLOATING, GONE, LOOSE, ONE, SCENE, SECOND, SECURED, TWO } from "./fronts-scene.ts";

type Act = (fronts: Fronts) => Promise<unknown>;

const eni = fc.constantFrom(FLOATING, FLOATING, SECOND, LOOSE, GONE);
const instance = fc.constantFrom(ONE, TWO, TWO, ELSEWHERE);
const DryRun = fc.constantFrom(false, false, false, false, true);
const ask = (command: { readonly input: object }) => (fronts: Fronts) =>
  fronts.ask({ service: "ec2", command });

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        NetworkInterfaceId: eni,
        InstanceId: instance,
        DeviceIndex: fc.integer({ min: 1, max: 3 }),
        DryRun,
      })
      .map((input) => ask(new AttachNetworkInterfaceCommand(input))),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ of: eni, Force: fc.boolean(), DryRun })
      .map(({ of, ...how }) => (fronts: Fronts) => {
        const AttachmentId = fronts.attachmentOf(of) ?? "eni-attach-0123456789abcdef0";
        return ask(new DetachNetworkInterfaceCommand({ AttachmentId, ...how }))(fronts);
      }),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 500, max: 90_000 }).map((time) => (fronts: Fronts) => fronts.pass(time)),
  },
  fc
    .record({ NetworkInterfaceId: eni, DryRun })
    .map((input) => ask(new ModifyNetworkInterfaceAttributeCommand({ ...input, Groups: [SECURED] }))),
  fc
    .record({ of: eni, DeleteOnTermination: fc.boolean() })
    .map(({ of, DeleteOnTermination }) => (fronts: Fronts) => {
      const Attachment = { AttachmentId: fronts.attachmentOf(of), DeleteOnTermination };
      return ask(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: of, Attachment }))(fronts);
    }),
  fc
    .record({ of: instance, Force: fc.boolean(), DryRun })
    .map(({ of, ...how }) => ask(new StopInstancesCommand({ InstanceIds: [of], ...how }))),
  instance.map((of) => ask(new StartInstancesCommand({ InstanceIds: [of] }))),
  instance.map((of) => ask(new RebootInstancesCommand({ InstanceIds: [of] }))),
  instance.map((of) => ask(new TerminateInstancesCommand({ InstanceIds: [of] }))),
  instance.map((of) => async (fronts: Fronts) => fronts.break({ kind: "hang", instance: of })),
  instance.map((of) => async (fronts: Fronts) => fronts.break({ kind: "heal", instance: of })),
  fc.constant(async (fronts: Fronts) =>
    fronts.break({ kind: "stick-detach", interface: FLOATING, times: 1 }),
  ),
);

async function look(fronts: Fronts): Promise<void> {
  const Filters = [{ Name: "network-interface-id", Values: [FLOATING, SECOND, LOOSE] }];
  await ask(new DescribeNetworkInterfacesCommand({ Filters, MaxResults: 1000 }))(fronts);
  const InstanceIds = [ONE, TWO, ELSEWHERE];
  await ask(new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }))(fronts);
  await ask(new DescribeInstancesCommand({ InstanceIds }))(fronts);
}

it("random changes end alike, and are seen alike on the way", async () => {
  const behaviour = fc.record({
    burnedIndex: fc.constantFrom("stuck-attaching" as const, "refused" as const),
    burnProbability: fc.constantFrom(0.5, 1),
    secondDetach: fc.constantFrom("refused" as const, "accepted" as const),
    detachInTransition: fc.constantFrom("refused" as const, "accepted" as const),
    statusInTransition: fc.constantFrom("in-use" as const, "follows" as const),
    inUseCode: fc.constantFrom("InvalidNetworkInterface.InUse" as const, "InvalidParameterValue" as const),
    wrongStateCode: fc.constantFrom("IncorrectState" as const, "IncorrectInstanceState" as const),
  });
  const acts = fc.array(anyAct, { minLength: 15, maxLength: 20 });
  let asked = 0;
  const cases = fc.asyncProperty(fc.nat(), behaviour, acts, async (seed, how, all) => {
    const fronts = await startFronts({ seed, scene: SCENE, behaviour: how });
    try {
      for (const act of all) {
        await act(fronts);
        await look(fronts);
        asked += 1;
      }
    } finally {
      await fronts.stop();
    }
  });
  await fc.assert(cases, { numRuns: 4 });
  expect(asked).toBeGreaterThan(50);
});
