/** What may be under way when an invocation is killed: how each story begins, and how it must end. */
import type { Group, PastMove } from "../../shared/core/model.ts";
import { reconcile } from "../../shared/reconcile.ts";
import { QUARANTINE } from "../simulation/fences.ts";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER, THIRD } from "./groups.ts";
import type { Stage, Work } from "./stage.ts";
import { MINUTE } from "./stage.ts";

export interface Story {
  readonly name: string;
  readonly group: Group;
  /** Breaks what has to be broken, and waits until it can be seen. */
  readonly prepare: (stage: Stage) => Promise<void>;
  /** What the invocation does that may be killed; a sweep, unless said. */
  readonly work?: (stage: Stage) => Work;
  /** Who must have the group in the end. */
  readonly holder: string;
  /** The move that must have been made, and that there is exactly one. */
  readonly move: Partial<PastMove>;
  /** Without a claim nobody remembers what was asked: then nothing must have happened. */
  readonly askedOnce?: boolean;
  /** Device indexes of the first member that must be known to be burned. */
  readonly burned?: number;
  /** How the first member must be fenced. */
  readonly fenced?: "isolated" | "stopped";
}

export const STORIES: readonly Story[] = [
  {
    name: "a failover",
    group: groupOf(),
    prepare: failing,
    holder: SECOND_MEMBER,
    move: { because: "active-failing", from: FIRST, to: SECOND_MEMBER },
  },
  {
    name: "a failover off a dead member",
    group: groupOf(),
    prepare: async (stage) => {
      stage.cloud.ec2.break({ kind: "stop", instance: FIRST, force: true }, stage.now());
      await stage.until(() => stage.cloud.ec2.instanceTruth(FIRST, stage.now())?.state === "stopped");
    },
    holder: SECOND_MEMBER,
    move: { because: "active-dead", from: FIRST, to: SECOND_MEMBER },
  },
  {
    name: "a switchover",
    group: groupOf(),
    prepare: (stage) => stage.pass(MINUTE),
    work: (stage) => async (world, tell) => {
      const request = { by: "operator", force: false, to: SECOND_MEMBER };
      tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
    },
    holder: SECOND_MEMBER,
    move: { because: "operator", from: FIRST, to: SECOND_MEMBER },
    askedOnce: true,
  },
  {
    name: "a detach that is forced after the grace",
    group: groupOf({ interfaces: 2 }),
    prepare: async (stage) => {
      for (const { eni } of stage.group.interfaces) {
        stage.cloud.ec2.break({ kind: "stick-detach", interface: eni }, stage.now());
      }
      await failing(stage);
    },
    holder: SECOND_MEMBER,
    move: { because: "active-failing", from: FIRST, to: SECOND_MEMBER },
    burned: 2,
  },
  {
    name: "a detach that is forced at once, off a member that hangs",
    group: groupOf(),
    prepare: async (stage) => {
      stage.cloud.ec2.break({ kind: "hang", instance: FIRST }, stage.now());
      await stage.until(
        () => stage.cloud.ec2.statusMetrics(FIRST, stage.now())?.values.StatusCheckFailed === 1,
      );
    },
    holder: SECOND_MEMBER,
    move: { because: "active-failing", from: FIRST, to: SECOND_MEMBER },
    burned: 1,
  },
  {
    name: "a rollback: the target refuses, and all go back",
    group: groupOf({ interfaces: 2 }),
    prepare: async (stage) => {
      const code = "AttachmentLimitExceeded";
      stage.cloud.ec2.break({ kind: "refuse-attach", instance: SECOND_MEMBER, code }, stage.now());
      await failing(stage);
    },
    holder: FIRST,
    move: { because: "active-failing", from: FIRST, to: FIRST, failed: true },
  },
  {
    name: "a refusal with another candidate",
    group: groupOf({ interfaces: 2, members: 3 }),
    prepare: async (stage) => {
      const code = "AttachmentLimitExceeded";
      stage.cloud.ec2.break({ kind: "refuse-attach", instance: SECOND_MEMBER, code }, stage.now());
      await failing(stage);
    },
    holder: THIRD,
    move: { because: "active-failing", from: FIRST, to: THIRD },
  },
  {
    name: "a failover of three interfaces",
    group: groupOf({ interfaces: 3 }),
    prepare: failing,
    holder: SECOND_MEMBER,
    move: { because: "active-failing", from: FIRST, to: SECOND_MEMBER },
  },
  {
    name: "a failover that isolates, once the first of two interfaces has arrived",
    group: groupOf({ interfaces: 2, policy: { fence: { kind: "isolate", securityGroup: QUARANTINE } } }),
    prepare: failing,
    holder: SECOND_MEMBER,
    move: { because: "active-failing", from: FIRST, to: SECOND_MEMBER },
    fenced: "isolated",
  },
  {
    name: "a failover that stops, by force once the grace is over",
    group: groupOf({ policy: { fence: { kind: "stop" }, graceSeconds: 4 } }),
    prepare: failing,
    holder: SECOND_MEMBER,
    move: { because: "active-failing", from: FIRST, to: SECOND_MEMBER },
    fenced: "stopped",
  },
  {
    name: "a failover that stops first",
    group: groupOf({ policy: { fence: { kind: "stop" }, fenceFirst: true, graceSeconds: 4 } }),
    prepare: failing,
    holder: SECOND_MEMBER,
    // Killed after the stop, it is a dead active that the next sweep finds.
    move: { from: FIRST, to: SECOND_MEMBER },
    fenced: "stopped",
  },
];

/** The user's own alarm says that the first member fails; its guest answers. */
async function failing(stage: Stage): Promise<void> {
  await stage.pass(MINUTE);
  stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
  await stage.until(() => stage.cloud.cloudwatch.stateTruth(alarmOf(FIRST)) === "ALARM");
}
