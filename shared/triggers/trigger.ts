/** Why a look starts: what an event says, and which groups it concerns. A hint, never evidence. */
import * as v from "valibot";
import { must } from "../check.ts";
import type { Config } from "../config.ts";
import type { Probed } from "../core/model.ts";

export type TriggerKind =
  | "alarm"
  | "instance-state"
  | "spot-notice"
  | "lifecycle-action"
  | "probe"
  | "ignored";

export interface Concern {
  readonly group: string;
  /** The member that the trigger is about; absent where it is about whoever is active. */
  readonly member?: string;
}

/** The announced end of an instance: an event says it, and no later read would show it. */
export interface Leaving {
  readonly instance: string;
  readonly why: string;
  /** When the announcement lapses, in epoch milliseconds. */
  readonly at: number;
}

export interface Trigger {
  /** The event's own id: the same for every copy of it. */
  readonly id: string;
  readonly kind: TriggerKind;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
  /** The alarm or instance it is about; for an unknown event its detail-type. */
  readonly subject: string;
  /** One sentence for a person. */
  readonly message: string;
  /** The groups to look at. None: nothing is to be done. */
  readonly concerns: readonly Concern[];
  readonly leaving?: Leaving;
  /** The id of the drill that set the alarm. */
  readonly drill?: string;
  /** What a prober says, by group. */
  readonly verdicts?: Readonly<Record<string, Probed>>;
}

/** What every event of EventBridge has around its detail. `at` is its time in epoch milliseconds. */
export interface Envelope {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly at: number;
}

/** Reads one kind of event, given whole. */
export type Reader = (event: unknown, envelope: Envelope, config: Config) => Trigger;

/** A time as AWS writes it in events: `2026-01-01T10:00:00Z`, and in alarms `2026-01-01T10:00:00.123+0000`. */
export const Timestamp = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/),
  v.check((text) => !Number.isNaN(epoch(text))),
  must("a time", { example: "2026-01-01T10:00:00Z" }),
);

/** Epoch milliseconds of a `Timestamp`. */
export function epoch(timestamp: string): number {
  // ISO 8601's basic zone (+0000) is not what Date.parse is bound to take.
  return Date.parse(timestamp.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

/** A trigger that nothing follows from. */
export function ignored({ id, at }: Pick<Envelope, "id" | "at">, subject: string, message: string): Trigger {
  return { id, kind: "ignored", at, subject, message, concerns: [] };
}

/** The groups that an instance is a member of. */
export function concernsOfInstance(instance: string, config: Config): readonly Concern[] {
  return Object.values(config.groups).flatMap((group) =>
    group.members
      .filter((member) => member.instance === instance)
      .map((member) => ({ group: group.name, member: member.name })),
  );
}

/** `nat-a and vpn-b` */
export function groupsInWords(concerns: readonly Concern[]): string {
  return [...new Set(concerns.map(({ group }) => group))].join(" and ");
}
