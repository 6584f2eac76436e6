/** All that a decision rests on, put together in one place: what was seen, what it means, and what is remembered. */
import type { Situation } from "./decide.ts";
import { diagnose } from "./diagnose.ts";
import type { Group, Observation, Request, State } from "./model.ts";

/** The situation of a group at `now`, in epoch milliseconds. */
export function situationOf(
  group: Group,
  state: State,
  observation: Observation,
  now: number,
  asked: { readonly request?: Request | undefined; readonly drill?: string | undefined } = {},
): Situation {
  const diagnosis = diagnose(group, observation, state);
  const { request, drill } = asked;
  return {
    group,
    state,
    observation,
    diagnosis,
    now,
    ...(request === undefined ? {} : { request }),
    ...(drill === undefined ? {} : { drill }),
  };
}
