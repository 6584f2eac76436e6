/** Who may be at work on one group at the same time, and what must have come of it. */
import {
  AttachNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
} from "@aws-sdk/client-ec2";
import { seeded } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import { onHealthEvent } from "../../shared/health-event.ts";
import { reconcile } from "../../shared/reconcile.ts";
import { HAND } from "./actor.ts";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER, THIRD } from "./groups.ts";
import type { Scene } from "./interleave.ts";
import { Stage, type Work } from "./stage.ts";

/** With this seed EC2 detaches and attaches within about a second: few polls, so that all orders can be followed. */
const QUICK = 1;

const GROUP = groupOf();

/** The first member's own alarm says that it fails. */
async function failing(group: Group): Promise<Stage> {
  const stage = new Stage(group, seeded(QUICK));
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "ALARM");
  // Off the beat of those who look on: what is done now is not what they saw a moment ago.
  await stage.pass(1);
  return stage;
}

/** Nothing is wrong. */
async function well(): Promise<Stage> {
  const stage = new Stage(GROUP, seeded(QUICK));
  await stage.pass(1);
  return stage;
}

/** The alarm's event, as it lies on the bus. */
const event = (stage: Stage): Work => {
  const [first] = stage.events.filter((one) => one["detail-type"] === "CloudWatch Alarm State Change");
  if (first === undefined) throw new Error("there was no event");
  return async (world, tell) => {
    await onHealthEvent(first, stage.config, world, tell);
  };
};

const sweep = (stage: Stage): Work => stage.sweep;

const operator =
  (to?: string) =>
  (stage: Stage): Work =>
  async (world, tell) => {
    const request = { by: "operator", force: false, ...(to === undefined ? {} : { to }) };
    tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
  };

/**
 * All may stand still between a call's leaving and its taking effect, for longer than the lease lasts: no controller can
 * take such a call back. It must do no harm, and that is what the rest demands.
 */
const LATE_STEP = "no step without a claim, or after losing it";

/** At most one failover; whoever moved last, that is where the group is, and nobody undid it. */
function movedOn(stage: Stage): string[] {
  const wrong = stage.wrong().filter((what) => !what.endsWith(LATE_STEP));
  const { state, history, holders, detached } = stage;
  const demand = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what);
  };
  const moves = state.moves.map(({ because, to }) => `${because} to ${to}`).join(", ");
  const last = state.moves.at(-1)?.to;
  demand(
    `the group is on ${holders.join(", ")} after ${moves}`,
    holders.every((one) => one === last),
  );
  demand("no intent and no lease is left", state.intent === undefined && state.lease === undefined);
  demand(`one failure, one failover: ${moves}`, state.moves.filter(({ budgeted }) => budgeted).length <= 1);
  demand(
    `a move is made once: ${moves}`,
    new Set(state.moves.map(({ to }) => to)).size === state.moves.length,
  );
  const told = history.filter(({ kind }) => kind === "move");
  demand(`every move is told once: ${moves}`, told.length === state.moves.length);
  const undone = new Set(detached).size - state.moves.length;
  demand(`no attachment but those that were moved off is detached (${undone} too many)`, undone <= 0);
  return wrong;
}

/** Somebody at the console, who moves the group to a member and takes no for an answer. */
const hand =
  (instance: string) =>
  (stage: Stage): Work => {
    const [one] = stage.group.interfaces;
    const NetworkInterfaceIds = one === undefined ? [] : [one.eni];
    const attachmentId =
      one === undefined ? undefined : stage.cloud.ec2.attachmentTruth(one.eni, stage.now())?.id;
    return async (world) => {
      const { ec2, clock } = world;
      if (attachmentId === undefined || one === undefined) return;
      await ec2
        .send(new DetachNetworkInterfaceCommand({ AttachmentId: attachmentId }))
        .catch(() => undefined);
      for (let looks = 0; looks < 10; looks += 1) {
        await clock.sleep(2_000);
        const { NetworkInterfaces } = await ec2.send(
          new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }),
        );
        if (NetworkInterfaces?.[0]?.Status === "available") break;
      }
      const to = { NetworkInterfaceId: one.eni, InstanceId: instance, DeviceIndex: 1 };
      await ec2.send(new AttachNetworkInterfaceCommand(to)).catch(() => undefined);
    };
  };

/** Whoever was first: the group is somewhere well, whole, and nobody moved it again and again. */
function movedByHand(stage: Stage): string[] {
  const wrong = stage.wrong().filter((what) => !what.endsWith(LATE_STEP));
  const { state, holders } = stage;
  if (state.intent !== undefined || state.lease !== undefined) wrong.push("an intent or a lease is left");
  if (holders.some((one) => one === null)) wrong.push("an interface is left on nothing");
  const failovers = state.moves.filter(({ budgeted }) => budgeted).length;
  if (failovers > 1) wrong.push(`${failovers} failovers for one failure`);
  return wrong;
}

/** The group has left the first member once, for the second, and that has been told. */
function movedOnce(stage: Stage): string[] {
  const wrong = stage.wrong().filter((what) => !what.endsWith(LATE_STEP));
  const { state, history, holders, detached } = stage;
  const demand = (what: string, holds: boolean): void => {
    if (!holds) wrong.push(what);
  };
  demand(
    `all are on the second, not on ${holders.join(", ")}`,
    holders.every((one) => one === SECOND_MEMBER),
  );
  demand("no intent and no lease is left", state.intent === undefined && state.lease === undefined);
  const moves = state.moves.map(({ because, to }) => `${because} to ${to}`);
  demand(`one failure, one move, not ${moves.join(", ")}`, state.moves.length === 1);
  const told = history.filter(({ kind }) => kind === "move");
  demand(`one history item tells of it, not ${told.length}`, told.length === 1);
  demand("no interface is detached twice", new Set(detached).size === stage.group.interfaces.length);
  return wrong;
}

/** Two at work on one failure. */
export const TWO: readonly Scene[] = [
  {
    name: "the same event twice",
    set: () => failing(GROUP),
    invocations: { event, again: event },
    wrong: movedOnce,
  },
  {
    name: "an event and a sweep",
    set: () => failing(GROUP),
    invocations: { event, sweep },
    wrong: movedOnce,
  },
  {
    name: "an event and an operator's failover",
    set: () => failing(GROUP),
    invocations: { event, operator: operator() },
    wrong: movedOnce,
  },
  {
    name: "an event and an operator's failover to the same member",
    set: () => failing(GROUP),
    invocations: { event, operator: operator(SECOND_MEMBER) },
    wrong: movedOnce,
  },
  {
    name: "a sweep and an operator's failover of two interfaces",
    set: () => failing(groupOf({ interfaces: 2 })),
    invocations: { sweep, operator: operator() },
    wrong: movedOnce,
  },
  {
    name: "an event and an operator's failover to another member",
    set: () => failing(groupOf({ members: 3 })),
    invocations: { event, operator: operator(THIRD) },
    wrong: movedOn,
  },
  {
    name: "a sweep and somebody who moves the group by hand",
    set: well,
    invocations: { sweep, [HAND]: hand(SECOND_MEMBER) },
    wrong: movedByHand,
  },
  {
    name: "a failover and somebody who moves the group by hand",
    set: () => failing(groupOf({ members: 3 })),
    invocations: { sweep, [HAND]: hand(THIRD) },
    wrong: movedByHand,
  },
];

/** Three at work on one failure. */
export const THREE: readonly Scene[] = [
  {
    name: "the same event twice, and a sweep",
    set: () => failing(GROUP),
    invocations: { event, again: event, sweep },
    wrong: movedOnce,
  },
  {
    name: "an event, a sweep and an operator's failover",
    set: () => failing(GROUP),
    invocations: { event, sweep, operator: operator() },
    wrong: movedOnce,
  },
  {
    name: "an event, a sweep and somebody who moves the group by hand",
    set: () => failing(GROUP),
    invocations: { event, sweep, [HAND]: hand(SECOND_MEMBER) },
    wrong: movedByHand,
  },
];
