/** What SetAlarmState asks for: the state, and why, as somebody says. */
import type { SetAlarmStateInput } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../aws-error.ts";
import type { StateValue } from "./evaluation.ts";

export interface SaidState {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData: string | undefined;
}

/** Throws ValidationError for a state that there is not, and InvalidFormat for data that is no JSON. */
export function saidState({ StateValue, StateReason, StateReasonData }: SetAlarmStateInput): SaidState {
  if (StateValue !== "OK" && StateValue !== "ALARM" && StateValue !== "INSUFFICIENT_DATA") {
    throw new AwsError(
      "ValidationError",
      `Value '${StateValue}' at 'stateValue' failed to satisfy constraint: enum value set`,
    );
  }
  if (StateReasonData !== undefined && !isJson(StateReasonData)) {
    throw new AwsError("InvalidFormat", "StateReasonData must be valid JSON");
  }
  return { value: StateValue, reason: StateReason ?? "", reasonData: StateReasonData };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
