/** What may happen to a group, as commands for fast-check, with a small model of what must be true of it. */
import fc from "fast-check";
import { command } from "../../shared/command.ts";
import { pause, resume } from "../../shared/core/commands.ts";
import type { Member } from "../../shared/core/model.ts";
import { onHealthEvent } from "../../shared/health-event.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { BusEvent } from "../simulation/bus-events.ts";
import { NO_FAULTS } from "../simulation/faults.ts";
import { alarmOf } from "./groups.ts";
import { MINUTE, type Stage } from "./stage.ts";

/** All that has to be known to say what must be true. */
export interface Model {
  /** By the number of the member. */
  readonly health: ("well" | "stopped" | "hung" | "alarm")[];
  /** How often a member that was well has begun to fail: there are no more automatic moves than that. */
  failures: number;
  /** How often an operator asked. */
  requests: number;
  paused: boolean;
  epoch: number;
}

/** The stage, and what was on the bus. */
export interface Real {
  readonly stage: Stage;
  readonly events: BusEvent[];
}

export type Command = fc.AsyncCommand<Model, Real>;

/** One command; after each the model's claims are checked. */
function named(
  name: string,
  can: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command {
  return {
    check: can,
    run: async (model, real) => {
      await run(model, real);
      demand(model, real.stage);
    },
    toString: () => name,
  };
}

function demand(model: Model, stage: Stage): void {
  const wrong = [...stage.broken];
  const { state } = stage;
  if (state.epoch < model.epoch) wrong.push(`the epoch fell from ${model.epoch} to ${state.epoch}`);
  model.epoch = state.epoch;
  const failovers = state.moves.filter(({ budgeted }) => budgeted).length;
  if (failovers > model.failures) wrong.push(`${failovers} failovers for ${model.failures} failures`);
  const asked = state.moves.filter(({ because }) => because === "operator").length;
  if (asked > model.requests) wrong.push(`${asked} switchovers for ${model.requests} requests`);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

function memberOf({ stage }: Real, number: number): Member {
  const member = stage.group.members[number];
  if (member === undefined) throw new Error("there is no such member");
  return member;
}

function fails(model: Model, number: number, how: Model["health"][number]): void {
  if (model.health[number] === "well") model.failures += 1;
  model.health[number] = how;
}

const kill = (number: number): Command =>
  named(
    `kill ${number}`,
    ({ health }) => health[number] !== "stopped",
    async (model, real) => {
      const { stage } = real;
      const { instance } = memberOf(real, number);
      fails(model, number, "stopped");
      stage.cloud.alarms.report(alarmOf(instance), 0, stage.now());
      stage.cloud.ec2.break({ kind: "stop", instance, force: true }, stage.now());
      await stage.until(() => stage.cloud.ec2.instanceTruth(instance, stage.now())?.state === "stopped");
    },
  );

const hang = (number: number): Command =>
  named(
    `hang ${number}`,
    ({ health }) => health[number] === "well",
    async (model, real) => {
      const { instance } = memberOf(real, number);
      fails(model, number, "hung");
      real.stage.cloud.ec2.break({ kind: "hang", instance }, real.stage.now());
      await real.stage.pass(MINUTE);
    },
  );

const alarm = (number: number): Command =>
  named(
    `alarm ${number}`,
    ({ health }) => health[number] === "well",
    async (model, real) => {
      fails(model, number, "alarm");
      real.stage.cloud.alarms.report(alarmOf(memberOf(real, number).instance), 1, real.stage.now());
      await real.stage.pass(MINUTE / 3);
    },
  );

const heal = (number: number): Command =>
  named(
    `heal ${number}`,
    ({ health }) => health[number] !== "well",
    async (model, real) => {
      const { stage } = real;
      const { instance } = memberOf(real, number);
      const kind = model.health[number] === "stopped" ? "start" : "heal";
      stage.cloud.ec2.break({ kind, instance }, stage.now());
      stage.cloud.alarms.report(alarmOf(instance), 0, stage.now());
      await stage.pass(2 * MINUTE);
      // A check that has not run again yet still fails: until it passes this is the same failure.
      await stage.until(
        () => stage.cloud.ec2.statusMetrics(instance, stage.now())?.values.StatusCheckFailed === 0,
      );
      model.health[number] = "well";
    },
  );

/** The last event comes three times more, or the first one comes again now. */
const again = (which: "duplicate" | "late event"): Command =>
  named(
    which,
    () => true,
    async (_, { stage, events }) => {
      const event = which === "duplicate" ? events.at(-1) : events[0];
      if (event === undefined) return;
      for (const copy of which === "duplicate" ? [1, 2, 3] : [1]) {
        stage.invoke(`copy-${stage.now()}-${copy}`, async (world, tell) => {
          await onHealthEvent(event, stage.config, world, tell);
        });
      }
      await stage.pass(MINUTE / 2);
    },
  );

const sweep = named(
  "sweep",
  () => true,
  async ({ paused }, { stage }) => {
    const { holders, state } = stage;
    const quiet = state.intent === undefined && holders.every((one) => one !== null && one === holders[0]);
    await stage.sweepOnce();
    if (paused && quiet && stage.holders.some((one, n) => one !== holders[n])) {
      throw new Error(`moved while paused, from ${holders.join()} to ${stage.holders.join()}`);
    }
  },
);

const hold = (on: boolean): Command =>
  named(
    on ? "pause" : "resume",
    ({ paused }) => paused !== on,
    async (model, { stage }) => {
      stage.invoke(`command-${stage.now()}`, async (world) => {
        await command(stage.group, stage.config, world, (state, now) =>
          (on ? pause : resume)(state, { by: "operator" }, now),
        );
      });
      await stage.pass(MINUTE / 6);
      model.paused = stage.state.pause !== undefined;
    },
  );

const switchover = (number: number): Command =>
  named(
    `switchover ${number}`,
    () => true,
    async (model, real) => {
      const { stage } = real;
      model.requests += 1;
      const request = { by: "operator", force: false, to: memberOf(real, number).name };
      stage.invoke(`failover-${stage.now()}`, async (world, tell) => {
        tell(await reconcile(stage.group, { trigger: "operator", request, historyDays: 400 }, world));
      });
      await stage.pass(MINUTE / 2);
    },
  );

/** Half of all calls are throttled, for the time of a sweep. */
const throttle = named(
  "throttle",
  () => true,
  async (_, { stage }) => {
    stage.faults = { ...NO_FAULTS, throttle: 0.5 };
    await stage.sweepOnce();
    stage.faults = NO_FAULTS;
  },
);

const tableAway = named(
  "table away",
  () => true,
  async (_, { stage }) => {
    stage.tableAwayUntil = stage.now() + 2 * MINUTE;
    await stage.pass(MINUTE / 6);
  },
);

/** Up to twenty commands on a group of three members. */
export function commandsOnThree(options: fc.CommandsContraints = {}): fc.Arbitrary<Iterable<Command>> {
  const number = fc.nat({ max: 2 });
  return fc.commands<Model, Real, false>(
    [
      number.map(kill),
      number.map(hang),
      number.map(alarm),
      number.map(alarm),
      number.map(heal),
      number.map(switchover),
      fc.constantFrom(again("duplicate"), again("late event")),
      fc.constant(sweep),
      fc.constantFrom(hold(true), hold(false)),
      fc.constant(throttle),
      fc.constant(tableAway),
    ],
    { maxCommands: 20, size: "max", ...options },
  ) as unknown as fc.Arbitrary<Iterable<Command>>;
}
