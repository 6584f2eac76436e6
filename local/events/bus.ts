/**
 * The default event bus: takes events, matches them against the rules and has them delivered; runs schedules.
 *
 * Like EventBridge it promises no order, and with `duplicates` no single delivery either. Schedules run on wall time,
 * whatever the speed of the cloud.
 */
import { AwsError } from "../aws-error.ts";
import type { Journal } from "../journal.ts";
import { Timers } from "../messages/timers.ts";
import { logNormal, type Random, uuid } from "../random.ts";
import type { Place } from "../service.ts";
import type { BusEvent } from "../wire/envelope.ts";
import type { Delivery } from "./delivery.ts";
import { inputFor, makeRule, type Rule, type RuleInput, type Target } from "./rule.ts";

/** What a source gives; the bus puts the envelope around it. */
export interface Emitted {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[];
  /** Epoch milliseconds; now, where it is left out. */
  readonly at?: number;
}

export interface BusOptions {
  readonly place: Place;
  readonly journal: Journal;
  readonly delivery: Delivery;
  /**
   * From the event's arrival to the target. Measured to asynchronous Lambda: median 148 ms, 387 ms at p99.
   * Source: bitesizedserverless.com, "Serverless Messaging: Latency Compared".
   */
  readonly latency?: { readonly medianMs: number; readonly p99Ms: number };
  /** How likely it is that a match is delivered twice. */
  readonly duplicates?: number;
}

const LATENCY = { medianMs: 148, p99Ms: 387 };

export class Bus {
  readonly #options: BusOptions;
  readonly #random: Random;
  readonly #timers = new Timers();
  readonly #rules = new Map<string, Rule>();
  /** Deliveries that wait out their latency. */
  #underway = 0;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#random = options.place.random;
  }

  /** Creates or replaces a rule, keeping its targets, and answers its ARN. Throws as PutRule does. */
  putRule(input: RuleInput): string {
    const arn = this.arn(input.name);
    const rule = makeRule(input, arn, this.#rules.get(input.name)?.targets ?? [], Date.now());
    this.#rules.set(input.name, rule);
    if (rule.schedule !== undefined) this.#awaitNext(rule);
    return arn;
  }

  /** Adds targets, or replaces those of the same id. Throws ResourceNotFoundException. */
  putTargets(name: string, targets: readonly Target[]): void {
    const rule = this.rule(name);
    const ids = new Set(targets.map(({ id }) => id));
    this.#replace(rule, { targets: [...rule.targets.filter(({ id }) => !ids.has(id)), ...targets] });
  }

  removeTargets(name: string, ids: readonly string[]): void {
    const rule = this.rule(name);
    this.#replace(rule, { targets: rule.targets.filter(({ id }) => !ids.includes(id)) });
  }

  setState(name: string, state: Rule["state"]): void {
    this.#replace(this.rule(name), { state });
  }

  deleteRule(name: string): void {
    if ((this.#rules.get(name)?.targets.length ?? 0) > 0) {
      throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
    }
    this.#rules.delete(name);
  }

  /** The rule of this name. Throws ResourceNotFoundException. */
  rule(name: string): Rule {
    const rule = this.#rules.get(name);
    if (rule !== undefined) return rule;
    throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
  }

  /** Every rule, by name. */
  rules(): Rule[] {
    return [...this.#rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  arn(name: string): string {
    const { region, account } = this.#options.place;
    return `arn:aws:events:${region}:${account}:rule/${name}`;
  }

  /** Takes an event that has no envelope yet, and answers its id. `cause` is the journal entry it follows from. */
  emit(emitted: Emitted, cause: string | undefined): string {
    const event = this.#envelope(emitted);
    this.publish(event, cause);
    return event.id;
  }

  /** Takes an event and has it delivered to the targets of every rule that matches. */
  publish(event: BusEvent, cause: string | undefined): void {
    const { "detail-type": detailType, source, id, resources, detail } = event;
    const entry = this.#options.journal.add({
      kind: "event",
      cause,
      at: Date.now(),
      subject: detailType,
      detail: { source, id, resources, detail },
    });
    for (const rule of this.#rules.values()) {
      if (rule.state === "ENABLED" && rule.matches?.(event) === true) this.#fire(rule, event, entry);
    }
  }

  /** Lets a schedule come due now. Throws ResourceNotFoundException. */
  runSchedule(name: string): void {
    this.#comeDue(this.rule(name), Date.now());
  }

  /** Resolves when nothing waits to be delivered. Schedules are not waited for. */
  async idle(): Promise<void> {
    while (this.#underway > 0 || this.#options.delivery.pending > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    this.#timers.close();
    this.#options.delivery.close();
  }

  #replace(rule: Rule, change: Partial<Rule>): void {
    this.#rules.set(rule.name, { ...rule, ...change });
  }

  #fire(rule: Rule, event: BusEvent, cause: string | undefined): void {
    const detail = { event: event.id, targets: rule.targets.map(({ arn }) => arn) };
    const entry = this.#options.journal.add({
      kind: "rule",
      cause,
      at: Date.now(),
      subject: rule.name,
      detail,
    });
    const twice = this.#random() < (this.#options.duplicates ?? 0);
    for (const target of twice ? [...rule.targets, ...rule.targets] : rule.targets) {
      this.#underway += 1;
      this.#timers.after(this.#latency(), () => {
        this.#underway -= 1;
        this.#options.delivery.deliver(rule, target, inputFor(target, event, rule), entry);
      });
    }
  }

  /** Sleeps to the next time that the schedule comes due; a rule that was replaced meanwhile is left to its successor. */
  #awaitNext(rule: Rule): void {
    const now = Date.now();
    const due = rule.schedule?.(now);
    if (due === undefined) return;
    // A timeout can't be longer than 2^31 ms: wake at least once a day.
    const wait = Math.min(due - now, 86_400_000);
    this.#timers.after(wait, () => {
      const current = this.#rules.get(rule.name);
      if (current === undefined || current.schedule !== rule.schedule) return;
      if (current.state === "ENABLED" && Date.now() >= due) this.#comeDue(current, due);
      this.#awaitNext(current);
    });
  }

  #comeDue(rule: Rule, due: number): void {
    const emitted = {
      source: "aws.events",
      detailType: "Scheduled Event",
      detail: {},
      resources: [rule.arn],
    };
    this.#fire(rule, this.#envelope({ ...emitted, at: due }), undefined);
  }

  #envelope({ source, detailType, detail, resources = [], at = Date.now() }: Emitted): BusEvent {
    const { account, region } = this.#options.place;
    return {
      version: "0",
      id: uuid(this.#random),
      "detail-type": detailType,
      source,
      account,
      time: `${new Date(at).toISOString().slice(0, 19)}Z`,
      region,
      resources,
      detail,
    };
  }

  #latency(): number {
    const { medianMs, p99Ms } = this.#options.latency ?? LATENCY;
    return medianMs === 0 ? 0 : logNormal(this.#random, medianMs, p99Ms);
  }
}
