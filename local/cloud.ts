/**
 * The embedded cloud, put together: EC2, CloudWatch and DynamoDB behind one HTTP server on the loopback interface, for
 * unmodified SDK clients of any language. Lambda, EventBridge and others join through `register` and `onEvent`.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudWatch } from "./cloudwatch/cloudwatch.ts";
import type { Datapoint } from "./cloudwatch/metrics.ts";
import { RateLimits } from "./cloudwatch/throttle.ts";
import { type Breakage, Ec2, type Ec2Options } from "./ec2/ec2.ts";
import { TokenBuckets } from "./ec2/throttle.ts";
import { Journal } from "./journal.ts";
import { type Random, seeded } from "./random.ts";
import { statusMetrics } from "./status-metrics.ts";
import type { Authoriser } from "./wire/authorise.ts";
import type { Backend } from "./wire/backend.ts";
import { Callers, type Key, type KeyRequest } from "./wire/callers.ts";
import { control } from "./wire/control.ts";
import { DynamoDb } from "./wire/dynamodb.ts";
import { alarmEvent, type BusEvent, instanceStateEvent } from "./wire/envelope.ts";
import { type Fault, Faults } from "./wire/faults.ts";
import { Front } from "./wire/front.ts";
import { cloudwatchCodecs, ec2Codecs, ModelBackend } from "./wire/model-backend.ts";
import { RawBackend, type RawHandler, type RawService } from "./wire/raw-backend.ts";
import { listen } from "./wire/server.ts";
import { sts } from "./wire/sts.ts";

export interface CloudOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Twelve digits. */
  readonly account?: string;
  readonly region?: string;
  /** The same seed gives the same ids, durations and faults. */
  readonly seed?: number;
  /** Detection (status checks, metrics, alarms) runs this many times faster than wall time; all else at 1. */
  readonly speed?: number;
  /** Whether EC2's and CloudWatch's request rates are enforced; they are unless this is false. */
  readonly throttling?: boolean;
  readonly ec2?: Pick<Ec2Options, "timings" | "behaviour">;
  /** Wall time, epoch milliseconds. */
  readonly clock?: () => number;
}

/** Told of every event of EC2 and CloudWatch; `journal` is the entry that it follows from. */
export type EventListener = (event: BusEvent, journal: string | undefined) => void;

const MINUTE = 60_000;
const TICK_MS = 50;

export class Cloud {
  readonly account: string;
  readonly region: string;
  readonly journal = new Journal();
  readonly ec2: Ec2;
  readonly cloudwatch: CloudWatch;
  readonly faults: Faults;
  /** Decides what callers with issued keys may do; without one, everything. */
  authoriser: Authoriser | undefined;
  readonly #clock: () => number;
  readonly #callers: Callers;
  readonly #dynamodb: DynamoDb;
  readonly #backends = new Map<string, Backend>();
  readonly #listeners = new Set<EventListener>();
  readonly #sources = new Set<() => readonly Datapoint[]>();
  readonly #ticker: NodeJS.Timeout;
  #server: Server | undefined;

  private constructor(options: CloudOptions, dynamodb: DynamoDb) {
    this.account = options.account ?? "123456789012";
    this.region = options.region ?? "us-east-1";
    this.#clock = options.clock ?? Date.now;
    this.#dynamodb = dynamodb;
    this.#callers = new Callers(this.account);
    const speed = options.speed ?? 1;
    const random: Random = seeded(options.seed ?? Math.floor(Math.random() * 2 ** 32));
    const place = { account: this.account, region: this.region, random, journal: this.journal };
    this.ec2 = new Ec2({ ...place, ...options.ec2, checkPeriodMs: MINUTE / speed });
    const sources = (now: number) => [
      ...statusMetrics(this.ec2, now),
      ...[...this.#sources].flatMap((source) => source()),
    ];
    this.cloudwatch = new CloudWatch({ ...place, speed, sources });
    this.faults = new Faults(random);
    this.#addBackends(options.throttling ?? true);
    this.tick();
    this.#ticker = setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** Starts the cloud and its server. */
  static async start(options: CloudOptions = {}): Promise<Cloud> {
    const place = { account: options.account ?? "123456789012", region: options.region ?? "us-east-1" };
    const cloud = new Cloud(options, await DynamoDb.start(place));
    const front = new Front({
      journal: cloud.journal,
      callers: cloud.#callers,
      faults: cloud.faults,
      backends: cloud.#backends,
      authoriser: () => cloud.authoriser,
      clock: cloud.#clock,
    });
    try {
      const controls = cloud.#controls();
      cloud.#server = await listen(options.port ?? 0, async (request) => {
        return control(request, controls) ?? (await front.handle(request));
      });
    } catch (error) {
      await cloud.close();
      throw error;
    }
    return cloud;
  }

  /** `http://127.0.0.1:<port>`: what AWS_ENDPOINT_URL is set to. */
  get endpoint(): string {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (!address) throw new Error("The cloud is not listening.");
    return `http://127.0.0.1:${address.port}`;
  }

  /** The cloud's time, epoch milliseconds. */
  now(): number {
    return this.#clock();
  }

  /** A key for a principal; its calls are put to the authoriser. Any key not issued here is the administrator's. */
  issueKey(request: KeyRequest): Key {
    return this.#callers.issue(request);
  }

  /** Answers a service, by its signing name (`lambda`, `events`, `sqs`), with what `service` answers. */
  register(name: string, service: RawHandler | RawService): void {
    const whole = typeof service === "function" ? { handle: service } : service;
    this.#backends.set(name, new RawBackend(name, whole));
  }

  /** Calls `listener` with every event of EC2 and CloudWatch from now on; the answer stops it. */
  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks `source` once a (sped-up) minute for what it measures, from now on; the answer stops it. */
  onMinute(source: () => readonly Datapoint[]): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  /** Breaks something of EC2, or heals it. Answers the journal's entry. */
  break(breakage: Breakage): string | undefined {
    return this.ec2.break(breakage, this.now());
  }

  /** Adds a fault of the wire. Answers the journal's entry. */
  addFault(fault: Fault): string {
    const id = this.faults.add(fault);
    const detail = { ...fault, id };
    return this.journal.add({
      kind: "breakage",
      cause: undefined,
      at: this.now(),
      subject: fault.match.service,
      detail,
    });
  }

  /** Lets everything happen that is due, and tells the listeners. Called by itself every 50 ms. */
  tick(): void {
    const now = this.now();
    this.ec2.advance(now);
    this.cloudwatch.evaluate(now);
    for (const change of this.ec2.drainEvents()) this.#tell(instanceStateEvent(this, change), change.journal);
    for (const event of this.cloudwatch.drainEvents()) this.#tell(alarmEvent(this, event), event.journal);
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    const server = this.#server;
    if (server !== undefined) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }
    await this.#dynamodb.close();
  }

  #tell(event: BusEvent, journal: string | undefined): void {
    for (const listener of this.#listeners) listener(event, journal);
  }

  #addBackends(throttling: boolean): void {
    const buckets = new TokenBuckets(this.account);
    const rates = new RateLimits();
    const ec2 = new ModelBackend({
      name: "ec2",
      service: this.ec2,
      codecFor: ec2Codecs(),
      throttle: ({ operation, input, now }) => {
        if (throttling) buckets.take(operation, input, now);
      },
    });
    const cloudwatch = new ModelBackend({
      name: "cloudwatch",
      service: this.cloudwatch,
      codecFor: cloudwatchCodecs(),
      throttle: ({ operation, now }) => {
        if (throttling) rates.take(operation, now);
      },
    });
    this.#backends.set("ec2", ec2).set("monitoring", cloudwatch).set("dynamodb", this.#dynamodb);
    this.register("sts", { handle: sts(this.account) });
  }

  #controls() {
    const describe = (operation: string) => this.ec2.call(operation, {}, this.now());
    return {
      breakEc2: (breakage: Breakage) => this.break(breakage),
      addFault: (fault: Fault) => this.addFault(fault),
      journal: () => this.journal.entries,
      state: () => ({
        instances: describe("DescribeInstances"),
        interfaces: describe("DescribeNetworkInterfaces"),
        alarms: this.cloudwatch.call(
          "DescribeAlarms",
          { AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
          this.now(),
        ),
      }),
    };
  }
}

/** Starts the embedded cloud. */
export function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  return Cloud.start(options);
}
