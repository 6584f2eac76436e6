/** The alarm of a drill: set, and given back. */
import { SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import type { Drill } from "../core/model.ts";
import { caughtFailure, failureOf } from "../errors.ts";
import { readAlarms } from "../observe/alarms.ts";
import type { World } from "../world.ts";

const TIMEOUT_MS = 3_000;
const TRIES = 3;
/** CloudWatch takes three of these calls a second. */
const BACKOFF_MS = 500;

/**
 * Sets an alarm's state, which CloudWatch takes back when it next evaluates the alarm (CloudWatch API reference,
 * SetAlarmState). Safe to repeat, and repeated while CloudWatch is busy or does not answer. Throws `Failure`.
 */
export async function setAlarm(
  world: World,
  alarm: string,
  state: "ALARM" | "OK",
  reason: string,
): Promise<void> {
  const command = new SetAlarmStateCommand({ AlarmName: alarm, StateValue: state, StateReason: reason });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await world.cloudwatch.send(command, { abortSignal: world.signal, requestTimeout: TIMEOUT_MS });
      return;
    } catch (error) {
      const failure = failureOf(error, "set-alarm");
      if (!failure.busy || attempt === TRIES || world.signal.aborted) throw failure;
    }
    await world.clock.sleep(world.random() * BACKOFF_MS * 2 ** attempt);
  }
}

/**
 * Gives the alarm back where CloudWatch has not taken it yet: one that ignores missing data would stay as it was set, and
 * a failure that it should tell of would be no transition. It is not worth an error: CloudWatch mostly comes first.
 */
export async function giveBack(world: World, { id, alarm }: Drill): Promise<void> {
  try {
    const { alarms } = await readAlarms(world, [alarm]);
    if (alarms[alarm]?.state !== "ALARM" || alarms[alarm].drill !== id) return;
    await setAlarm(world, alarm, "OK", `The drill ${id} has ended`);
  } catch (caught) {
    const { message } = caughtFailure(caught);
    world.log("warn", "the alarm of a drill could not be given back", { alarm, error: message });
  }
}
