/**
 * Gives an isolated member its security groups back, and lifts its isolation. Asking twice is harmless: the same groups
 * are set again, and what is given back is struck from the record only then.
 */
import { type Answered, command, mustBeOurs, recordNow } from "./command.ts";
import type { Config } from "./config.ts";
import { memberOf } from "./core/candidates.ts";
import { released } from "./core/commands.ts";
import { diagnose } from "./core/diagnose.ts";
import type { Group, Hold, Observation, State } from "./core/model.ts";
import { refusal } from "./core/record.ts";
import { whereabouts } from "./core/whereabouts.ts";
import { because } from "./core/words.ts";
import { Failure, failureOf } from "./errors.ts";
import { setSecurityGroups } from "./execute.ts";
import { together } from "./observe/together.ts";
import { observe } from "./observe.ts";
import { heldReport, Refused } from "./report.ts";
import type { ReleaseRequest } from "./requests/commands.ts";
import type { World } from "./world.ts";

/**
 * Releases a member. Throws `Refused` while it is not healthy and nobody said force, and while a move is in hand;
 * `Failure` where the table does not answer, where the record is a newer version's, or where EC2 did not take every
 * change: those that it took stand.
 */
export async function release(
  { group, member, force, ...asking }: ReleaseRequest,
  config: Pick<Config, "historyDays">,
  world: World,
): Promise<Answered> {
  const written = (await recordNow(world, group)).isolated[member] ?? {};
  const observation = await observe(world, group, { details: false });
  // Read after EC2 was: a move that began meanwhile shows.
  const state = await recordNow(world, group);
  mustBeOurs(state);
  const hold =
    Object.keys(written).length === 0 ? undefined : whyNot(group, member, force, state, observation);
  if (hold !== undefined) {
    await command(group, config, world, (now, at) => ({
      state: refusal(now, hold, at, { ...asking, interfaces: whereabouts(observation) }),
      changed: true,
      message: hold.message,
    }));
    throw new Refused(heldReport(group.name, hold, observation));
  }
  const given = await together(Object.entries(written).map((one) => giveBack(world, one)));
  const failures = given.filter((one) => one instanceof Failure);
  const enis = given.filter((one) => typeof one === "string");
  const answered = await command(group, config, world, (now, at) => released(now, member, enis, asking, at));
  const [first] = failures;
  if (first === undefined) return answered;
  const text = `${failures.length} of ${given.length} interfaces of ${member} could not be given back: ${failures.map((one) => one.message).join("; ")}. Ask again once that is mended`;
  throw new Failure(first.next, first.code, "modify", text, { cause: first });
}

/** Why the member may not be released now; undefined: it may. */
function whyNot(
  group: Group,
  member: string,
  force: boolean,
  state: State,
  observation: Observation,
): Hold | undefined {
  if (state.intent !== undefined) {
    const message = `A move to ${state.intent.to} is in hand, which may still isolate ${member}: ask again when it has ended.`;
    return { kind: "hold", because: "in-progress", message, notify: false };
  }
  const seen = memberOf(diagnose(group, observation, state), member);
  if (force || seen?.health === "healthy") return undefined;
  const health = seen?.health ?? "unknown";
  const message = `${member} is ${health} (${because(seen?.evidence ?? [], health)}): it stays isolated.`;
  return { kind: "hold", because: "unconfirmed", message, notify: false, override: { member, force: true } };
}

const TRIES = 4;
const BACKOFF_MS = 500;

/** The interface, once it bears its groups again, or is no more; or why EC2 did not take it. Safe to repeat. */
async function giveBack(
  world: World,
  [eni, groups]: readonly [string, readonly string[]],
): Promise<string | Failure> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await setSecurityGroups(world, eni, groups);
      return eni;
    } catch (error) {
      const failure = failureOf(error, "modify");
      if (failure.code === "InvalidNetworkInterfaceID.NotFound") return eni;
      if (failure.next === "bug") throw failure;
      if (!failure.busy || attempt === TRIES || world.signal.aborted) return failure;
      await world.clock.sleep(world.random() * BACKOFF_MS * 2 ** attempt);
    }
  }
}
