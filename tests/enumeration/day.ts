/** A day of an alarm that oscillates: on each member in turn, then on whoever is active. */
import { command } from "../../shared/command.ts";
import { acknowledge } from "../../shared/core/commands.ts";
import type { Group } from "../../shared/core/model.ts";
import { onHealthEvent } from "../../shared/health-event.ts";
import { alarmOf } from "./groups.ts";
import { MINUTE, Stage } from "./stage.ts";

const HOUR = 60 * MINUTE;
/** The alarm is on for so long, then off for so long. */
const HALF_PERIOD = 2.5 * MINUTE;
/** So often an operator gives everybody another chance: else two rounds of quarantine would end the story. */
const ACKNOWLEDGED_EVERY = 3 * HOUR;

/** Runs the day: a sweep each minute, and each event of the bus a third of a second later. */
export async function oscillatingDay(group: Group, hours = 24): Promise<Stage> {
  const stage = new Stage(group);
  let count = 0;
  stage.onEvent = (event) => {
    count += 1;
    const name = `event-${count}`;
    stage.scheduler.after(300, () => {
      stage.invoke(name, async (world, tell) => {
        await onHealthEvent(event, stage.config, world, tell);
      });
    });
  };
  every(stage, MINUTE, hours, () => stage.invoke(`sweep-${stage.now()}`, stage.sweep));
  every(stage, ACKNOWLEDGED_EVERY, hours, () => acknowledgeAll(stage));
  oscillate(stage, hours);
  await stage.pass(hours * HOUR);
  for (const member of group.members) stage.cloud.alarms.report(alarmOf(member.instance), 0, stage.now());
  stage.onEvent = undefined;
  for (let sweeps = 0; sweeps < 3; sweeps += 1) await stage.sweepOnce();
  return stage;
}

/** In the first half of the day the members take turns by the hour; in the second the alarm follows the group. */
function oscillate(stage: Stage, hours: number): void {
  const { members } = stage.group;
  let on: string | undefined;
  const began = stage.now();
  every(stage, HALF_PERIOD, hours, () => {
    const passed = stage.now() - began;
    const next = members[Math.floor(passed / HOUR) % members.length]?.instance;
    const active = stage.holders[0] ?? next;
    const subject = passed < (hours / 2) * HOUR ? next : active;
    if (on !== undefined) stage.cloud.alarms.report(alarmOf(on), 0, stage.now());
    else if (subject !== undefined) stage.cloud.alarms.report(alarmOf(subject), 1, stage.now());
    on = on === undefined ? subject : undefined;
  });
}

function acknowledgeAll(stage: Stage): void {
  stage.invoke(`acknowledge-${stage.now()}`, async (world) => {
    for (const { name } of stage.group.members) {
      const asking = { by: "operator", member: name, budget: false };
      await command(stage.group, stage.config, world, (state, now) =>
        acknowledge(state, stage.group, asking, now),
      );
    }
  });
}

function every(stage: Stage, milliseconds: number, hours: number, what: () => void): void {
  for (let at = milliseconds; at < hours * HOUR; at += milliseconds) stage.scheduler.after(at, what);
}
