/** A drill on a stage: the real command, with the bus, `onHealthEvent` and `failover` around it. */
import type { SwitchBack } from "../../shared/drill/back.ts";
import { type Drilled, scheduledDrills } from "../../shared/drill/scheduled.ts";
import { drill } from "../../shared/drill.ts";
import { onHealthEvent } from "../../shared/health-event.ts";
import { reconcile } from "../../shared/reconcile.ts";
import type { Answer } from "../../shared/report.ts";
import { answerOf } from "../../shared/report.ts";
import { parseDrillRequest } from "../../shared/requests/drill.ts";
import type { World } from "../../shared/world.ts";
import type { Crash, Stage, Work } from "../enumeration/stage.ts";
import { MINUTE } from "../enumeration/stage.ts";
import type { BusEvent } from "../simulation/bus-events.ts";
import type { Invocation } from "../simulation/invocation.ts";

/** Delivers what reaches the bus to `onHealthEvent`, as often as `copies` says; the first of these may be killed. */
export function connectBus(
  stage: Stage,
  copies: (event: BusEvent) => number = () => 1,
  crashAt?: Crash,
): readonly Invocation[] {
  const looks: Invocation[] = [];
  stage.onEvent = (event) => {
    for (let copy = 0; copy < copies(event); copy += 1) {
      const work: Work = async (world, tell) => {
        await onHealthEvent(event, stage.config, world, tell);
      };
      const crash = looks.length === 0 ? crashAt : undefined;
      looks.push(stage.invoke(`event-${String(event.id)}-${copy}`, work, crash));
    }
  };
  return looks;
}

/** The time limit of `drill` is 900 s, that of the others 300 s. */
const LONGER_MS = 600_000;

export interface Came {
  /** Undefined: the invocation is still at it, or was killed. */
  readonly answer?: Answer | Drilled;
  readonly error?: Error;
}

/** Asks for a drill. What it comes to appears in the answer as time passes. */
export function ask(
  stage: Stage,
  input: object,
  crashAt?: Crash,
  log?: World["log"],
): Came & { readonly invocation: Invocation } {
  const came: { answer?: Answer | Drilled; error?: Error } = {};
  const work = async (world: Parameters<typeof drill>[2], tell: Parameters<typeof drill>[3]["tell"]) => {
    const tools = { back: (to: SwitchBack) => switchOver(stage, to), tell };
    const patient = { ...world, deadline: world.deadline + LONGER_MS, ...(log === undefined ? {} : { log }) };
    try {
      const asked = parseDrillRequest(input, stage.config);
      came.answer =
        "group" in asked
          ? await drill(asked, stage.config, patient, tools)
          : await scheduledDrills(asked, stage.config, patient, tools);
    } catch (error) {
      came.error = error as Error;
    }
  };
  const invocation = stage.invoke("drill", work, crashAt);
  return Object.assign(came, { invocation });
}

/** Asks for a drill and lets time pass until it is over. */
export async function drilled(
  stage: Stage,
  input: object = { group: stage.group.name },
  log?: World["log"],
): Promise<Came> {
  const came = ask(stage, input, undefined, log);
  await stage.until(() => came.answer !== undefined || came.error !== undefined);
  return came;
}

/** The ordinary `failover`, in an invocation of its own. */
export function switchOver(stage: Stage, { to, by, reason }: SwitchBack): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    stage.invoke("failover", async (world) => {
      const request = { to, by, reason, force: false };
      const look = { trigger: "operator", request, historyDays: stage.config.historyDays };
      resolve({ ...answerOf(await reconcile(stage.group, look, world)) });
    });
  });
}

/** Until every alarm has data. */
export async function settled(stage: Stage): Promise<Stage> {
  await stage.pass(5 * MINUTE);
  stage.events.length = 0;
  return stage;
}
