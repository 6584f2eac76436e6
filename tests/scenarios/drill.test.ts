/**
 * Goal: a drill goes the real way and only that way: alarm, event, look, move. Whatever comes between, it never widens what
 * the controller may do, and its end is told.
 * Method: the real command and the real loop on the models, in virtual time; asserted on is how it ended.
 */
import { describe, expect, it } from "vitest";
import { command } from "../../shared/command.ts";
import { pause } from "../../shared/core/commands.ts";
import type { Group, State } from "../../shared/core/model.ts";
import type { Answer } from "../../shared/report.ts";
import { alarmOf, FIRST, groupOf, SECOND_MEMBER } from "../enumeration/groups.ts";
import { MINUTE, Stage } from "../enumeration/stage.ts";
import { TABLE } from "../simulation/cloud.ts";
import { ask, connectBus, drilled, settled } from "./drills.ts";

const STATUS = "status-first";

/** The group with an alarm on the first member's status checks, as the stack makes it. */
function watched(group: Group = groupOf()): Group {
  const members = group.members.map((member) =>
    member.name === FIRST ? { ...member, statusAlarm: STATUS } : member,
  );
  return { ...group, members };
}

/** A stage on which everything works. */
async function staged(group = watched(), copies?: Parameters<typeof connectBus>[1]): Promise<Stage> {
  const stage = await settled(new Stage(group));
  connectBus(stage, copies);
  return stage;
}

const NOTHING_ARRIVES = (): number => 0;
const becauses = ({ state }: Stage) =>
  state.moves.map(({ because, failed }) => (failed ? "failed" : because));
const kinds = ({ history }: Stage) => history.map(({ kind }) => kind);
const stateOf = (stage: Stage, alarm: string) => stage.cloud.cloudwatch.stateTruth(alarm);
const end = ({ state }: { readonly state: State }) => state.drill?.end;

async function sweeps(stage: Stage, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await stage.sweepOnce();
}

describe("a drill", () => {
  it("moves the group by its alarm's event, and reports each phase against the objective", async () => {
    const stage = await staged();
    const { answer } = await drilled(stage, { group: "nat-a", by: "anna", reason: "quarterly" });
    expect(answer).toMatchObject({
      outcome: "moved",
      because: "drill",
      message: expect.stringMatching(/a drill, as anna asked \(quarterly\).*the objective of 60 s is met/),
      from: FIRST,
      to: SECOND_MEMBER,
      alarm: STATUS,
      objective: "met",
      interfaces: { [stage.group.interfaces[0]?.eni ?? ""]: SECOND_MEMBER },
    });
    const { phases, phaseSeconds, alarmToInUseSeconds } = answer as Answer & {
      phaseSeconds: Record<string, number>;
      alarmToInUseSeconds: number;
    };
    const reached = [
      "alarmSet",
      "decided",
      "claimed",
      "detachAsked",
      "detached",
      "attachAsked",
      "inUse",
      "settled",
    ];
    expect(Object.keys(phases)).toEqual(reached);
    expect(Object.keys(phaseSeconds)).toEqual(["detection", ...reached.slice(2)]);
    const { settled: last = 0, ...before } = phaseSeconds;
    const sum = Object.values(before).reduce((all, one) => all + one, 0);
    expect(sum).toBeCloseTo(alarmToInUseSeconds, 2);
    expect(last).toBeLessThan(1);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(kinds(stage).sort()).toEqual(["drill", "drill", "move"]);
    expect(stage.state.quarantine).toEqual({});
    await sweeps(stage, 4);
    expect(becauses(stage)).toEqual(["drill"]);
    expect(stateOf(stage, STATUS)).toBe("OK");
    expect(stage.wrong()).toEqual([]);
  });

  it("says that the objective is missed, where it is", async () => {
    const stage = await staged(watched(groupOf({ policy: { rtoSeconds: 1 } })));
    expect((await drilled(stage)).answer).toMatchObject({ outcome: "moved", objective: "missed" });
  });

  it("switches the group back afterwards, where asked, by the ordinary command", async () => {
    const stage = await staged();
    const { answer } = await drilled(stage, { group: "nat-a", andBack: true, by: "anna" });
    expect(answer).toMatchObject({
      outcome: "moved",
      back: { outcome: "moved", because: "operator", from: SECOND_MEMBER, to: FIRST },
    });
    expect(stage.holders).toEqual([FIRST]);
    expect(becauses(stage)).toEqual(["drill", "operator"]);
    expect(stage.wrong()).toEqual([]);
  });

  it("is made once, however often its event comes", async () => {
    const stage = await staged(watched(), () => 3);
    expect((await drilled(stage)).answer).toMatchObject({ outcome: "moved" });
    await sweeps(stage, 3);
    expect(becauses(stage)).toEqual(["drill"]);
  });

  it("by an alarm of the user's gives that back too: ignoring missing data, CloudWatch would leave it", async () => {
    const stage = await staged();
    const { answer } = await drilled(stage, { group: "nat-a", alarm: alarmOf(FIRST) });
    expect(answer).toMatchObject({ outcome: "moved", alarm: alarmOf(FIRST) });
    expect(stateOf(stage, alarmOf(FIRST))).toBe("OK");
    await sweeps(stage, 3);
    expect(becauses(stage)).toEqual(["drill"]);
    expect(stage.wrong()).toEqual([]);
  });

  it("is graceful, though the policy forces and the guest is slow", async () => {
    const stage = await staged(watched(groupOf({ policy: { detach: "force" } })));
    const [{ eni } = { eni: "" }] = stage.group.interfaces;
    stage.cloud.ec2.break({ kind: "stick-detach", interface: eni }, stage.now());
    ask(stage, { group: "nat-a" });
    await stage.pass(3 * MINUTE);
    expect(stage.calls("DetachNetworkInterface").map(({ input }) => input.Force)).toEqual(
      expect.arrayContaining([false]),
    );
    expect(stage.calls("DetachNetworkInterface").every(({ input }) => input.Force === false)).toBe(true);
    expect(stage.broken).toEqual([]);
  });

  it("leaves a composite alarm over its alarm without a word", async () => {
    const stage = await staged({ ...watched(), alarms: ["all"] });
    const input = { AlarmName: "all", AlarmRule: `ALARM("${STATUS}")` };
    stage.cloud.cloudwatch.call("DeleteAlarms", { AlarmNames: ["all"] }, stage.now());
    stage.cloud.cloudwatch.call("PutCompositeAlarm", input, stage.now());
    expect((await drilled(stage)).answer).toMatchObject({ outcome: "moved" });
    await sweeps(stage, 3);
    expect(becauses(stage)).toEqual(["drill"]);
    expect(stage.wrong()).toEqual([]);
  });
});

describe("a drill that does not come to its move", () => {
  it("lapses where its event never arrives, and names the missing link", async () => {
    const stage = await staged(watched(), NOTHING_ARRIVES);
    const { error } = await drilled(stage);
    expect(error?.name).toBe("Failed");
    expect(error?.message).toMatch(/No look of onHealthEvent .* within 120 s\. The missing link is the rule/);
    expect(stage.told.map(({ report }) => [report.outcome, report.notify])).toEqual([["failed", true]]);
    await sweeps(stage, 3);
    expect([stage.holders, becauses(stage)]).toEqual([[FIRST], []]);
    expect(stage.wrong()).toEqual([]);
  });

  it("is not taken up by a sweep: only its own event proves the way", async () => {
    const stage = await staged(watched(), NOTHING_ARRIVES);
    const came = ask(stage, { group: "nat-a" });
    await stage.pass(5_000);
    await sweeps(stage, 3);
    expect(came.error?.name).toBe("Failed");
    expect(becauses(stage)).toEqual([]);
  });

  it("is held by a pause that comes before the event, and says so", async () => {
    const stage = await settled(new Stage(watched()));
    const came = ask(stage, { group: "nat-a" });
    await stage.until(() => stage.events.length > 0);
    stage.invoke("pause", async (world) => {
      await command(stage.group, stage.config, world, (state, now) => pause(state, { by: "ben" }, now));
    });
    await stage.pass(1_000);
    connectBus(stage);
    for (const event of stage.events) stage.onEvent?.(event);
    await stage.until(() => came.error !== undefined);
    expect(came.error?.message).toMatch(/^nat-a: held \(paused\)\. Paused by ben/);
    expect(end(stage)).toMatchObject({ outcome: "held", because: "paused" });
    expect([stage.holders, becauses(stage)]).toEqual([[FIRST], []]);
  });

  it("is superseded by a failure that is none of its making", async () => {
    const stage = await staged(watched(), (event) => (event.source === "aws.ec2" ? 1 : 0));
    const came = ask(stage, { group: "nat-a" });
    await stage.pass(2_000);
    stage.cloud.ec2.break({ kind: "stop", instance: FIRST, force: true }, stage.now());
    await stage.until(() => came.error !== undefined);
    expect(came.error?.message).toMatch(/^nat-a: failed \(active-dead\)\. Another move came first/);
    expect(end(stage)?.outcome).toBe("superseded");
    expect(becauses(stage)).toEqual(["active-dead"]);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
  });

  it("ends where the alarm can't be set", async () => {
    const stage = await staged();
    const down = Object.assign(new Error("not allowed"), {
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    const { execute } = stage.cloud;
    Object.assign(stage.cloud, {
      execute: ((service, command, by) => {
        if (command.constructor.name === "SetAlarmStateCommand") throw down;
        return execute(service, command, by);
      }) satisfies typeof execute,
    });
    const { error } = await drilled(stage);
    expect(error?.message).toMatch(/set-alarm failed, AccessDenied/);
    expect(end(stage)).toMatchObject({ outcome: "failed", because: "operator-needed" });
    expect(kinds(stage)).toEqual(["drill", "failed-drill"]);
  });
});

describe("a drill gives its alarm back", () => {
  /** One kind of call gets no answer while it is so: the call is lost, or the answer to it. */
  function lose(stage: Stage, what: "call" | "answer", command: string, so: () => boolean): void {
    const { execute } = stage.cloud;
    Object.assign(stage.cloud, {
      execute: ((service, sent, by) => {
        const lost = sent.constructor.name === command && so();
        const answer = lost && what === "call" ? {} : execute.call(stage.cloud, service, sent, by);
        if (lost) throw Object.assign(new Error("no answer"), { name: "TimeoutError" });
        return answer;
      }) satisfies typeof execute,
    });
  }

  it("where nobody knows whether it was set", async () => {
    const stage = await staged(watched(), NOTHING_ARRIVES);
    lose(stage, "answer", "SetAlarmStateCommand", () => end(stage) === undefined);
    const came = ask(stage, { group: "nat-a", alarm: alarmOf(FIRST) });
    await stage.until(() => came.error !== undefined);
    expect(came.error?.message).toMatch(/set-alarm failed/);
    expect(stateOf(stage, alarmOf(FIRST))).toBe("OK");
  });

  it("where the table does not take its end", async () => {
    const stage = await staged(watched(), NOTHING_ARRIVES);
    lose(stage, "call", "UpdateCommand", () => stateOf(stage, alarmOf(FIRST)) === "ALARM");
    const came = ask(stage, { group: "nat-a", alarm: alarmOf(FIRST) });
    await stage.until(() => came.error !== undefined);
    expect(came.error?.message).toMatch(/record failed/);
    expect(stateOf(stage, alarmOf(FIRST))).toBe("OK");
  });
});

describe("a drill whose own invocation dies", () => {
  /** The calls of a drill up to its alarm: looks, the write that begins it, SetAlarmState. */
  async function killedOnceSet(stage: Stage): Promise<void> {
    const { invocation } = ask(stage, { group: "nat-a", alarm: alarmOf(FIRST) });
    while (stateOf(stage, alarmOf(FIRST)) !== "ALARM") await stage.pass(10);
    invocation.die("killed", "poll");
  }

  it("goes on, and its end is in the record", async () => {
    const stage = await staged();
    await killedOnceSet(stage);
    await sweeps(stage, 2);
    expect(stage.holders).toEqual([SECOND_MEMBER]);
    expect(end(stage)).toMatchObject({ outcome: "moved", to: SECOND_MEMBER });
    expect(kinds(stage).sort()).toEqual(["drill", "drill", "move"]);
  });

  it("and whose event is lost is ended by a sweep; the alarm that nobody gives back is no rumour to move on", async () => {
    const stage = await staged(watched(), NOTHING_ARRIVES);
    await killedOnceSet(stage);
    await stage.pass(10_000);
    connectBus(stage);
    await sweeps(stage, 6);
    expect(end(stage)).toMatchObject({ outcome: "failed" });
    expect([stage.holders, becauses(stage)]).toEqual([[FIRST], []]);
    expect(stage.told.at(-1)?.report).toMatchObject({ because: "unconfirmed", outcome: "held" });
    expect(stage.told.at(-1)?.report.message).toMatch(/still in ALARM, to which a drill has set it/);
  });
});

describe("a drill is refused, and nothing is set,", () => {
  const blocked = { drills: { blocked: [{ from: 0, to: Number.MAX_SAFE_INTEGER, written: "2026-01-01" }] } };
  it.each<[name: string, message: RegExp, change: (stage: Stage) => Promise<void> | void, input?: object]>([
    [
      "while the standby is not ready",
      /no-eligible-standby/,
      (stage) => stage.cloud.ec2.break({ kind: "stop", instance: SECOND_MEMBER, force: true }, stage.now()),
    ],
    [
      "while the active is not well",
      /active-failing|in-progress|no-eligible/,
      (stage) => {
        stage.onEvent = () => undefined;
        stage.cloud.alarms.report(alarmOf(FIRST), 1, stage.now());
      },
    ],
    [
      "while the active's health is unknown",
      /unconfirmed/,
      (stage) => {
        stage.onEvent = () => undefined;
        stage.cloud.ec2.break({ kind: "impair", instance: FIRST, check: "instance" }, stage.now());
        Object.assign(stage.group.policy, { impairedSeconds: 9_999 });
      },
    ],
    [
      "on a blocked date",
      /drill-refused.*no drills on 2026-01-01/,
      (stage) => void Object.assign(stage.config, blocked),
    ],
    [
      "in a group that only observes",
      /drill-refused.*mode: act/,
      (stage) => void Object.assign(stage.group.policy, { mode: "observe" }),
    ],
    [
      "by an alarm that is not the group's",
      /drill-refused.*"other" is no alarm of this group: name "status-first" or "app-/,
      () => undefined,
      { alarm: "other" },
    ],
    [
      "by an alarm about the standby",
      new RegExp(`drill-refused.*is about ${SECOND_MEMBER}, which is not active`),
      () => undefined,
      { alarm: alarmOf(SECOND_MEMBER) },
    ],
    [
      "by an alarm that does not exist",
      /drill-refused.*"status-first" does not exist: deploy/,
      (stage) => void stage.cloud.cloudwatch.call("DeleteAlarms", { AlarmNames: [STATUS] }, stage.now()),
      { alarm: STATUS },
    ],
    [
      "by a composite alarm, which CloudWatch may not take back",
      /drill-refused.*"all" is a composite alarm.*use one that it is made of/,
      (stage) => {
        Object.assign(stage.group, { alarms: ["all"] });
        const input = { AlarmName: "all", AlarmRule: `ALARM("${STATUS}")` };
        stage.cloud.cloudwatch.call("PutCompositeAlarm", input, stage.now());
      },
      { alarm: "all" },
    ],
    [
      "by an alarm without data",
      /drill-refused.*"app-.*has no data/,
      (stage) => {
        const input = { AlarmName: alarmOf(FIRST), StateValue: "INSUFFICIENT_DATA", StateReason: "none" };
        stage.cloud.cloudwatch.call("SetAlarmState", input, stage.now());
      },
      { alarm: alarmOf(FIRST) },
    ],
    [
      "while paused",
      /held \(paused\)\. Paused by ben until resumed/,
      (stage) => {
        stage.invoke("pause", async (world) => {
          await command(stage.group, stage.config, world, (state, now) => pause(state, { by: "ben" }, now));
        });
      },
    ],
    [
      "by an alarm that is muted",
      /drill-refused.*is muted/,
      (stage) => {
        const input = {
          Name: "m",
          MuteTargets: { AlarmNames: [STATUS] },
          Rule: { Schedule: { Expression: "cron(* * * * *)", Duration: "PT1H" } },
        };
        stage.cloud.cloudwatch.call("PutAlarmMuteRule", input, stage.now());
      },
      { alarm: STATUS },
    ],
  ])("%s", async (_, message, change, input = {}) => {
    const stage = await staged();
    await change(stage);
    await stage.pass(2 * MINUTE);
    const { error } = await drilled(stage, { group: "nat-a", ...input });
    expect(error?.name).toBe("Refused");
    expect(error?.message).toMatch(message);
    expect(stage.state.drill).toBeUndefined();
    expect(kinds(stage)).toContain("refusal");
    expect(stage.calls("SetAlarmState")).toEqual([]);
    expect(stage.holders).toEqual([FIRST]);
  });

  it("within the cooldown of the last, and while one is under way", async () => {
    const stage = await staged();
    const first = ask(stage, { group: "nat-a" });
    await stage.pass(1_000);
    expect((await drilled(stage)).error?.message).toMatch(/in-progress.*A drill by operator is under way/);
    await stage.until(() => first.answer !== undefined);
    expect((await drilled(stage)).error?.message).toMatch(/just-moved.*wait until/);
    await stage.pass(6 * MINUTE);
    expect((await drilled(stage)).answer).toMatchObject({ outcome: "moved", from: SECOND_MEMBER, to: FIRST });
  });

  it("and with plan says what it would do, or what would hold it, and changes nothing", async () => {
    const stage = await staged();
    const { answer } = await drilled(stage, { group: "nat-a", plan: true });
    expect(answer).toMatchObject({ outcome: "planned", because: "drill", from: FIRST, to: SECOND_MEMBER });
    Object.assign(stage.config, blocked);
    expect((await drilled(stage, { group: "nat-a", plan: true })).answer).toMatchObject({
      outcome: "held",
      because: "drill-refused",
    });
    expect(stage.writes).toBe(0);
  });
});

it("a standby that fails right after a drill is left again, without waiting for a cooldown", async () => {
  const stage = await staged();
  await drilled(stage);
  stage.cloud.alarms.report(alarmOf(SECOND_MEMBER), 1, stage.now());
  await stage.until(() => stage.holders[0] === FIRST);
  await stage.pass(MINUTE);
  expect(becauses(stage)).toEqual(["drill", "active-failing"]);
  expect(stage.wrong()).toEqual([]);
});

describe("drills on schedule", () => {
  const EVENT = {
    source: "aws.events",
    "detail-type": "Scheduled Event",
    id: "1",
    time: "2026-01-01T03:00:00Z",
  };
  const schedule = { at: "rate(7 days)", groups: ["nat-a"], andBack: true };

  it("are made one after another; a refusal is told, and is no error", async () => {
    const stage = await staged();
    Object.assign(stage.config, { drills: { blocked: [], schedule } });
    expect((await drilled(stage, EVENT)).answer).toMatchObject({
      drills: [{ outcome: "moved", because: "drill", back: { outcome: "moved" } }],
      left: [],
    });
    expect(stage.state.drill?.by).toBe("schedule");
    expect((await drilled(stage, EVENT)).answer).toMatchObject({
      drills: [{ outcome: "held", because: "just-moved" }],
    });
    expect(stage.told.at(-1)?.report.because).toBe("just-moved");
  });

  it("a broken record keeps its own group from it, and no other", async () => {
    const stage = await staged();
    const failed: object[] = [];
    const groups = { ...stage.config.groups, "nat-b": { ...stage.group, name: "nat-b" } };
    const both = { ...schedule, groups: ["nat-b", "nat-a"] };
    Object.assign(stage.config, { groups, drills: { blocked: [], schedule: both } });
    const Item = { pk: "GROUP#nat-b", sk: "STATE", schema: 1, version: 1, epoch: 0, moves: "none" };
    stage.cloud.dynamo.execute("PutCommand", { TableName: TABLE, Item });
    const came = await drilled(stage, EVENT, (level, message, fields) => {
      if (level === "error") failed.push({ message, ...fields });
    });
    expect(came.error?.message).toMatch(/group nat-b is broken at moves/);
    expect(failed).toEqual([{ message: "a drill failed", group: "nat-b", error: came.error }]);
    expect(end(stage)).toMatchObject({ outcome: "moved" });
  });

  it("are refused where the configuration has none", async () => {
    expect((await drilled(await staged(), EVENT)).error?.name).toBe("BadRequest");
  });
});
