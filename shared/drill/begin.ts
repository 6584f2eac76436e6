/** The beginning of a drill: judged on a fresh look, and written into the very record that it was judged by. */
import { command, recordNow } from "../command.ts";
import type { Config } from "../config.ts";
import { diagnose } from "../core/diagnose.ts";
import { beginDrill } from "../core/drill.ts";
import { alarmsAbout, mayDrill } from "../core/may-drill.ts";
import type { Drill, Group, Hold, Observation } from "../core/model.ts";
import { emptyState, refusal } from "../core/record.ts";
import { situationOf } from "../core/situation.ts";
import { whereabouts } from "../core/whereabouts.ts";
import { withMutes } from "../observe/mutes.ts";
import { together } from "../observe/together.ts";
import { observe } from "../observe.ts";
import type { Answer } from "../report.ts";
import { answerOf, heldReport, Refused } from "../report.ts";
import type { DrillRequest } from "../requests/drill.ts";
import type { World } from "../world.ts";

/** Writes the drill down, or the refusal. Throws `Refused` where it may not begin, `Failure` where the table does not answer. */
export async function begin(asked: DrillRequest, config: Config, world: World): Promise<Drill> {
  const { group, alarm, by, reason } = asked;
  const observation = await look(group, world);
  const asking = { id: world.nonce(), by, ...(reason === undefined ? {} : { reason }) };
  let came: { readonly refused: Hold } | { readonly begun: Drill } | undefined;
  await command(group, config, world, (state, now) => {
    const may = mayDrill(situationOf(group, state, observation, now), config.drills, alarm);
    if (may.kind === "hold") {
      came = { refused: may };
      return {
        state: refusal(state, may, now, { by, interfaces: whereabouts(observation) }),
        changed: true,
        message: may.message,
      };
    }
    const next = beginDrill(state, { ...asking, alarm: may.alarm, from: may.from }, now);
    came = { begun: next.drill };
    return {
      state: next,
      changed: true,
      message: `A drill begins: ${may.alarm} is about to be set to ALARM.`,
    };
  });
  if (came === undefined) throw new Error("a drill was neither begun nor refused");
  if ("begun" in came) return came.begun;
  throw refusedBy(group, came.refused, observation);
}

/** What a drill would do now, or what would hold it. Changes nothing. Throws `Failure` where the table does not answer. */
export async function foresee(asked: DrillRequest, config: Config, world: World): Promise<Answer> {
  const { group, alarm } = asked;
  const [observation, state] = await together([look(group, world), recordNow(world, group)]);
  const may = mayDrill(situationOf(group, state, observation, world.clock.now()), config.drills, alarm);
  if (may.kind === "hold") return answerOf(refusedBy(group, may, observation).report);
  const { from, to } = may;
  return {
    group: group.name,
    outcome: "planned",
    because: "drill",
    message: `A drill would set alarm ${may.alarm} to ALARM, and the group would move from ${from} to ${to}.`,
    from,
    to,
    interfaces: whereabouts(observation),
    phases: {},
    evidence: [],
  };
}

/** In detail; and of the alarms that could carry the drill, whether they are muted. */
async function look(group: Group, world: World): Promise<Observation> {
  const seen = await observe(world, group, { details: true });
  const { active } = diagnose(group, seen, emptyState());
  const about = new Set(alarmsAbout(group, active));
  return { ...seen, alarms: await withMutes(world, seen.alarms, ({ name }) => about.has(name)) };
}

/** An error whatever holds it: that something else is in progress is no drill. */
function refusedBy(group: Group, hold: Hold, observation: Observation): Refused {
  return new Refused({ ...heldReport(group.name, hold, observation), outcome: "held" });
}
