/**
 * Many groups in one simulated cloud, without faults but with EC2's own token buckets: calls are counted by kind, time
 * is virtual, and a sweep's looks are invocations of their own, as Lambda would run them.
 */

import { RateLimits } from "../../local/cloudwatch/throttle.ts";
import { TokenBuckets } from "../../local/ec2/throttle.ts";
import { type Random, seeded } from "../../local/random.ts";
import type { Config } from "../../shared/config.ts";
import type { Group } from "../../shared/core/model.ts";
import { dailyDoctor } from "../../shared/doctor.ts";
import type { Report } from "../../shared/report.ts";
import { parseSweepRequest } from "../../shared/requests.ts";
import { type Swept, sweep } from "../../shared/sweep.ts";
import type { World } from "../../shared/world.ts";
import type { CloudOptions } from "../simulation/cloud.ts";
import { SimCloud, TABLE } from "../simulation/cloud.ts";
import { NO_FAULTS } from "../simulation/faults.ts";
import type { Execute, Latency } from "../simulation/invocation.ts";
import { Invocation } from "../simulation/invocation.ts";
import { Scheduler } from "../simulation/scheduler.ts";
import { Trace } from "../simulation/trace.ts";
import { group, member } from "../stub-world.ts";

const START = Date.UTC(2026, 0, 15, 12);
const DOCTOR = "doctor";
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** So many groups of one interface and two members, each member with an alarm of the user's. */
export function groupsOf(count: number): Group[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index.toString(16).padStart(4, "0");
    const members = ["a", "b"].map((which) =>
      member(`i-0${which}${number}00000000000`, { alarms: [`nat-${number}-${which}`] }),
    );
    return group({
      name: `nat-${number}`,
      interfaces: [{ eni: `eni-0${number}000000000000`, deviceIndexes: [1] }],
      members,
    });
  });
}

/** What an operation answers instead of the cloud: an error, or nothing. */
export type Break = (operation: string, input: object) => Error | undefined;

/** What an invocation does. */
export type Work = (world: World, tell: (report: Report) => void) => Promise<unknown>;

export interface FleetOptions {
  readonly seed?: number;
  /** How EC2 is, where the seed is not to draw it. */
  readonly ec2?: CloudOptions["ec2"];
  readonly latency?: Latency;
}

export class Fleet {
  readonly groups: readonly Group[];
  readonly config: Config;
  readonly scheduler = new Scheduler(START);
  readonly cloud: SimCloud;
  readonly told: { readonly by: string; readonly at: number; readonly report: Report }[] = [];
  readonly threw: unknown[] = [];
  /** How long each invocation took, as they ended. */
  readonly ran: { readonly by: string; readonly ms: number }[] = [];
  /** How many calls of each operation were sent. */
  readonly calls = new Map<string, number>();
  throttled = 0;
  /** The groups that an invocation of their own was started for, in that order. */
  readonly started: string[][] = [];
  broken: Break = () => undefined;
  /** Whether the sweep may ask the doctor, and the groups that it asked it to look at, in that order. */
  hasDoctor = false;
  /** How an asynchronous invocation comes to run. */
  deliver = (what: string, work: Work): void => {
    this.scheduler.after(100 + this.#random() * 200, () => void this.invoke(what, work));
  };
  readonly examined: string[] = [];
  readonly #random: Random;
  readonly #latency: Latency | undefined;
  readonly trace = new Trace();
  readonly #buckets = new TokenBuckets("123456789012");
  readonly #rates = new RateLimits();
  #invocations = 0;

  constructor(groups: readonly Group[], options: FleetOptions = {}) {
    this.groups = groups;
    this.#random = seeded(options.seed ?? 7);
    this.#latency = options.latency;
    this.config = {
      groups: Object.fromEntries(groups.map((one) => [one.name, one])),
      surge: { groups: 5, share: 0.2, seconds: 300 },
      historyDays: 400,
      statusAlarm: { enabled: false, periods: 2, of: 2, attachedEbs: false, application: false },
      drills: { blocked: [] },
      notifications: { emails: [], runbook: "docs/runbook.md" },
    };
    const { scheduler } = this;
    this.cloud = new SimCloud({
      groups,
      random: this.#random,
      scheduler,
      trace: this.trace,
      staleReadsMs: 0,
      ...(options.ec2 === undefined ? {} : { ec2: options.ec2 }),
    });
  }

  now(): number {
    return this.scheduler.now();
  }

  async pass(milliseconds: number): Promise<void> {
    await this.scheduler.run(this.now() + milliseconds);
  }

  /** Runs an invocation; resolves, while time passes, with what it answered, or undefined when it threw. */
  invoke<T>(
    what: string,
    work: (world: World, tell: (report: Report) => void) => Promise<T>,
  ): Promise<T | undefined> {
    this.#invocations += 1;
    const by = `${what}-${this.#invocations}`;
    const { scheduler } = this;
    const parts = { scheduler, trace: this.trace, faults: () => NO_FAULTS, execute: this.#execute };
    const invocation = new Invocation(by, this.#random, parts, { latency: this.#latency });
    const tell = (report: Report): void => {
      this.told.push({ by, at: this.now(), report });
    };
    const began = this.now();
    return work(invocation.world(TABLE), tell)
      .catch((error: unknown) => {
        this.threw.push(error);
        return undefined;
      })
      .finally(() => this.ran.push({ by, ms: this.now() - began }));
  }

  /** One sweep of all groups, and the time it takes; what it starts runs on. */
  async sweep(): Promise<{ swept: Swept | undefined; tookMs: number }> {
    const began = this.now();
    let ended: number | undefined;
    let swept: Swept | undefined;
    void this.invoke("sweep", (world, tell) => this.#sweepWith(world, tell)).then((answer) => {
      swept = answer;
      ended = this.now();
    });
    while (ended === undefined) await this.pass(50);
    return { swept, tookMs: ended - began };
  }

  #sweepWith(world: World, tell: (report: Report) => void): Promise<Swept> {
    const { self } = world;
    const asked = this.hasDoctor && self !== undefined ? { self: { ...self, doctor: DOCTOR } } : {};
    return sweep({ groups: this.groups, named: false }, this.config, { ...world, ...asked }, tell);
  }

  /** The calls since the last time this was asked, by operation. */
  counted(): Record<string, number> {
    const counted = Object.fromEntries([...this.calls].sort());
    this.calls.clear();
    return counted;
  }

  /** The instance that holds the first interface of a group. */
  holder(of: Group): string | undefined {
    const [one] = of.interfaces;
    return one === undefined ? undefined : this.cloud.ec2.attachmentTruth(one.eni, this.now())?.instanceId;
  }

  readonly #execute: Execute = (service, command, by) => {
    const operation = command.constructor.name.replace(/Command$/, "");
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    const error = this.broken(operation, command.input);
    if (error !== undefined) throw error;
    if (service === "lambda")
      return this.#start(command.input as { FunctionName: string; Payload: Uint8Array });
    if (service === "ec2" || service === "cloudwatch") this.#draw(service, operation, command.input);
    return this.cloud.execute(service, command, by);
  };

  #draw(service: "ec2" | "cloudwatch", operation: string, input: object): void {
    try {
      if (service === "ec2") this.#buckets.take(operation, input, this.now());
      else this.#rates.take(operation, this.now());
    } catch (refusal) {
      this.throttled += 1;
      throw refusal;
    }
  }

  #start({ FunctionName, Payload }: { readonly FunctionName: string; readonly Payload: Uint8Array }): object {
    const input: unknown = JSON.parse(Buffer.from(Payload).toString());
    if (FunctionName === DOCTOR) return this.#examine((input as { group: string }).group);
    const request = parseSweepRequest(input, this.config);
    this.started.push(request.groups.map(({ name }) => name));
    this.deliver("look", (world, tell) => sweep(request, this.config, world, tell));
    return { StatusCode: 202 };
  }

  #examine(name: string): object {
    const group = this.config.groups[name];
    if (group === undefined) throw new Error(`there is no group ${name}`);
    this.examined.push(name);
    this.scheduler.after(SECOND, () => {
      void this.invoke("doctor", (world) =>
        dailyDoctor(group, { config: this.config, world, stack: "fleet" }),
      );
    });
    return { StatusCode: 202 };
  }
}
