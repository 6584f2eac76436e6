/**
 * One invocation whose every call waits until it is picked: who interleaves invocations decides when a call takes
 * effect, and when a sleeper wakes. A call takes no time; only sleeping does.
 */
import { createHash } from "node:crypto";
import { emptyMemory } from "../../shared/memory.ts";
import type { World } from "../../shared/world.ts";
import { TABLE } from "../simulation/cloud.ts";
import { sdkError } from "../simulation/invocation.ts";
import type { Stage, Work } from "./stage.ts";

const LIMIT_MS = 300_000;
/** Who is called so is a person at the console. */
export const HAND = "hand";

/**
 * What a choice touches: nothing that is shared, one service for reading, anything for changing, or the time. Two changes
 * always meet: whoever checks a run sees their order.
 */
export type Touch = "nothing" | "reads record" | "reads ec2" | "changes record" | "changes ec2" | "time";

interface Waiting {
  readonly what: string;
  readonly touch: Touch;
  /** Carries it out. Answers what the invocation gets to see, as text. */
  readonly go: () => string;
}

interface Sleeping {
  readonly until: number;
  readonly wake: () => void;
}

export class Actor {
  readonly name: string;
  ended = false;
  /** Calls that changed something, or tried to, go here. */
  readonly #changed: (what: string) => void;
  readonly #stage: Stage;
  #waiting: Waiting[];
  #sleeping: Sleeping[] = [];
  #history = "";
  #nonces = 0;

  constructor(name: string, work: Work, stage: Stage, changed: (what: string) => void) {
    this.name = name;
    this.#stage = stage;
    this.#changed = changed;
    this.#waiting = [{ what: "start", touch: "nothing", go: () => this.#start(work) }];
  }

  #start(work: Work): string {
    void this.#stage.start(this.name, work, this.#world()).then(() => {
      this.ended = true;
      this.#waiting = [];
      this.#sleeping = [];
    });
    return "";
  }

  /** In how many ways it may go on: with any of its calls, or, when all were answered, by waking. */
  get choices(): number {
    if (this.#waiting.length > 0) return this.#waiting.length;
    return this.#sleeping.length > 0 ? 1 : 0;
  }

  /** All that it has ever got to see, the time included: with the same history it is in the same state. */
  get history(): string {
    return this.#history;
  }

  touches(choice: number): Touch {
    const waiting = this.#waiting[choice];
    if (waiting !== undefined) return waiting.touch;
    return Math.min(...this.#sleeping.map(({ until }) => until)) > this.#stage.now() ? "time" : "nothing";
  }

  /** What a choice would do, for a person. */
  describe(choice: number): string {
    return `${this.name} ${this.#waiting[choice]?.what ?? "wakes"}`;
  }

  /** Goes on; answers when it waits again. */
  async go(choice: number): Promise<void> {
    const [waiting] = this.#waiting.splice(choice, 1);
    if (waiting !== undefined) this.#note(`${waiting.what} ${waiting.go()}`);
    else await this.#wake();
    await settled();
  }

  /** Its timers run out in their order. */
  async #wake(): Promise<void> {
    const first = this.#sleeping.reduce((left, right) => (right.until < left.until ? right : left));
    this.#sleeping = this.#sleeping.filter((one) => one !== first);
    await this.#stage.pass(Math.max(0, first.until - this.#stage.now()));
    this.#note("woke");
    first.wake();
  }

  #note(what: string): void {
    const text = `${this.#history}|${what}`;
    this.#history = createHash("md5").update(text).digest("base64");
  }

  #world(): World {
    const stage = this.#stage;
    const front = (service: "ec2" | "cloudwatch" | "dynamodb") => ({
      send: ((command: { input: object }) => this.#send(service, command)) as never,
    });
    return {
      ec2: front("ec2"),
      cloudwatch: front("cloudwatch"),
      dynamodb: front("dynamodb"),
      // Taken at once: who is told does not depend on what is interleaved here.
      eventbridge: {
        send: (async (command: { input: object }) =>
          stage.cloud.execute("eventbridge", command, this)) as never,
      },
      memory: emptyMemory(),
      table: TABLE,
      clock: { now: () => this.#now(), sleep: (milliseconds) => this.#sleep(milliseconds) },
      nonce: () => {
        this.#nonces += 1;
        return `${this.name}.${this.#nonces}`;
      },
      random: () => 0.99,
      deadline: stage.now() + LIMIT_MS,
      signal: new AbortController().signal,
      log: () => undefined,
    };
  }

  /** The time is something that it gets to see, too. */
  #now(): number {
    const now = this.#stage.now();
    this.#note(`${now}`);
    return now;
  }

  #sleep(milliseconds: number): Promise<void> {
    const until = this.#now() + milliseconds;
    return new Promise((wake) => this.#sleeping.push({ until, wake }));
  }

  /** What a person does by hand is no invocation's doing, and not judged as such. */
  #execute(service: "ec2" | "cloudwatch" | "dynamodb", command: { input: object }): unknown {
    const { cloud } = this.#stage;
    if (this.name !== HAND) return cloud.execute(service, command, this);
    return cloud.ec2.call(command.constructor.name.replace(/Command$/, ""), command.input, this.#stage.now());
  }

  #send(service: "ec2" | "cloudwatch" | "dynamodb", command: { input: object }): Promise<unknown> {
    const what = `${command.constructor.name} ${JSON.stringify(command.input)}`;
    const touch = touchOf(service, what);
    return new Promise((resolve, reject) => {
      const go = (): string => {
        if (touch.startsWith("changes")) this.#changed(`${this.name} ${what}`);
        try {
          const answer = this.#execute(service, command);
          resolve(answer);
          return JSON.stringify(answer);
        } catch (error) {
          reject(sdkError(service, error));
          return String(error);
        }
      };
      this.#waiting.push({ what, touch, go });
    });
  }
}

/** Nothing here changes an alarm; a history item is written under its own key, always the same, and nobody reads it. */
function touchOf(service: "ec2" | "cloudwatch" | "dynamodb", what: string): Touch {
  if (service === "cloudwatch" || what.startsWith("PutCommand")) return "nothing";
  const of = service === "ec2" ? "ec2" : "record";
  return /^(Get|Describe)/.test(what) ? `reads ${of}` : `changes ${of}`;
}

/** After every promise chain that can run has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
