/** What one invocation sees of a move, and what it has asked for: read again after every step, in its own pace. */
import { isOld, keepDetails, mutesAreKnown, sightNeeded } from "./core/carrying.ts";
import { instanceToRead } from "./core/fencing.ts";
import { hasBegun } from "./core/first.ts";
import type { Group, Intent, Observation } from "./core/model.ts";
import { looked, type Polls, pauseBefore } from "./core/polls.ts";
import type { Progress } from "./core/progress.ts";
import type { Step } from "./core/steps.ts";
import { firstUnread } from "./core/unread.ts";
import { readFenced } from "./fence.ts";
import { ONCE } from "./observe/ask.ts";
import { observe, observeInterfaces } from "./observe.ts";
import { takeStep } from "./step.ts";
import type { World } from "./world.ts";

const MEMBERS_LAST_MS = 5_000;

export class Sight {
  readonly #world: World;
  readonly #group: Group;
  #observation: Observation;
  /** When the look was taken that this move was last found right by. */
  #judgedAt: number;
  /** When the last look was taken that was a detailed one, whatever could be read of the details. */
  #detailedAt: number | undefined;
  #asked: Record<string, Progress> = {};
  #polls: Polls;
  /** The state in which each interface was last seen, by those looks that could read it. */
  readonly #lastSeen: Record<string, string> = {};

  constructor(world: World, group: Group, observation: Observation) {
    this.#world = world;
    this.#group = group;
    this.#observation = observation;
    this.#judgedAt = observation.at;
    const now = world.clock.now();
    this.#polls = { since: now, lookedAt: now, stretch: 1 };
    this.#notice();
  }

  /** The move has begun: the reads show it, or EC2 has accepted a detach of it, whatever they show. */
  hasBegun(intent: Intent): boolean {
    const accepted = Object.values(this.#asked).some(({ detach }) => detach && detach.error === undefined);
    return accepted || hasBegun(this.#group, intent, this.#observation.interfaces);
  }

  /** An interface could not be read: nobody can say that the move has not begun. */
  isBlind(): boolean {
    return firstUnread(this.#group, this.#observation.interfaces) !== undefined;
  }

  get observation(): Observation {
    return this.#observation;
  }

  /** Whether the last look is all that steps need. One that a poll took is fresh, but nobody has asked yet what it means. */
  isSure(steps: readonly Step[], intent: Intent): boolean {
    const needed = sightNeeded(steps, intent);
    if (needed === "any") return true;
    const isJudged = this.#judgedAt === this.#observation.at;
    return isJudged && !this.#isOld() && (needed === "fresh" || this.#knowsMutes());
  }

  /** Looks again where steps need that; whoever calls this finds out now whether the move is right by what is seen. */
  async judge(steps: readonly Step[], intent: Intent): Promise<void> {
    const more = sightNeeded(steps, intent) === "with-mutes" && !this.#knowsMutes();
    if (more || this.#isOld()) await this.lookAgain(more);
    this.#judgedAt = this.#observation.at;
  }

  #isOld(): boolean {
    return isOld(this.#observation, this.#world.clock.now());
  }

  /** Whether each alarm in ALARM is muted has been asked, by this look at least. */
  #knowsMutes(): boolean {
    return this.#detailedAt === this.#observation.at || mutesAreKnown(this.#observation);
  }

  /** By interface; of an instance that is read or stopped, by its id. */
  get asked(): Readonly<Record<string, Progress>> {
    return this.#asked;
  }

  /** Takes the steps side by side, and notes what EC2 answered to each. */
  async take(steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    await Promise.all(
      steps.map(async (step) => {
        const what = step.do === "stop" ? step.instance : step.eni;
        this.#asked[what] = await takeStep(this.#world, step, this.#asked[what] ?? {});
      }),
    );
    this.#somethingBegan();
  }

  /** What was asked of another target says nothing about the next; a detach that no attach has followed is on its way. */
  forget(): void {
    const isOnItsWay = ([, { attach, detach }]: [string, Progress]): boolean =>
      attach === undefined && detach !== undefined;
    this.#asked = Object.fromEntries(Object.entries(this.#asked).filter(isOnItsWay));
  }

  /** Waits a little, then reads the interfaces; the members too when what is known of them is old. */
  async poll(intent: Intent): Promise<void> {
    const { clock, random, memory } = this.#world;
    const atEase = this.#group.interfaces.every(({ eni }) => this.#isArriving(eni, intent));
    await clock.sleep(pauseBefore(this.#polls, { now: clock.now(), chance: random(), atEase }));
    const sentAt = clock.now();
    const asked = Object.values(this.#asked);
    const refused = asked.some(({ attach }) => attach?.error !== undefined);
    const denied = asked.some((one) => this.#isDenied(one));
    const old = sentAt - this.#observation.at >= MEMBERS_LAST_MS * this.#polls.stretch;
    if (old || refused || denied) await this.lookAgain(refused);
    else {
      // What could not be read is read by the next poll.
      const interfaces = await observeInterfaces(this.#world, this.#group, ONCE);
      this.#observation = { ...this.#observation, interfaces };
    }
    this.#polls = looked(this.#polls, sentAt, memory.throttledAt >= sentAt);
    this.#notice();
    await this.#readFenced(intent);
  }

  /** A full look; what was known in detail is kept where this look is not detailed. */
  async lookAgain(details: boolean): Promise<void> {
    const fresh = await observe(this.#world, this.#group, { details });
    if (details) this.#detailedAt = fresh.at;
    this.#observation = keepDetails(this.#observation, fresh);
  }

  /** Follows when a detach began, and when to poll fast again. */
  #notice(): void {
    for (const { eni } of this.#group.interfaces) {
      const seen = this.#observation.interfaces[eni];
      if (seen === undefined || seen.state === "unread") continue;
      if (seen.state !== this.#lastSeen[eni]) this.#somethingBegan();
      this.#lastSeen[eni] = seen.state;
      const asked = this.#asked[eni] ?? {};
      if (seen.state === "detaching" && asked.detachingSince === undefined) {
        this.#asked[eni] = { ...asked, detachingSince: this.#world.clock.now() };
      }
    }
  }

  /** EC2 does not see the holder as it was seen here before the detach: it may be starting again. */
  #isDenied({ detach }: Progress): boolean {
    if (detach?.error === undefined || detach.busyUntil !== undefined) return false;
    return this.#observation.at <= detach.at;
  }

  /** It is on the target, or EC2 has accepted that it will be. */
  #isArriving(eni: string, { to }: Intent): boolean {
    if (this.#asked[eni]?.attach?.attachmentId !== undefined) return true;
    const seen = this.#observation.interfaces[eni];
    const target = this.#group.members.find((member) => member.name === to);
    return seen !== undefined && "instance" in seen && seen.instance === target?.instance;
  }

  /** What EC2 is at has changed: from here on it may end soon again. */
  #somethingBegan(): void {
    const now = this.#world.clock.now();
    this.#polls = { ...this.#polls, since: now, lookedAt: now };
  }

  /** What the member that is about to be isolated bears: once, since what is asked of it from then on is known. */
  async #readFenced(intent: Intent): Promise<void> {
    const instance = instanceToRead(this.#group, intent, this.#observation);
    if (instance === undefined) return;
    const { worn, progress } = await readFenced(this.#world, instance, this.#asked[instance] ?? {});
    this.#asked[instance] = progress;
    if (worn !== undefined) this.#observation = { ...this.#observation, worn };
  }
}
