/** All that the doctor has read of one group, and of the controller, as plain data. */
import type { Situation } from "./decide.ts";
import type { Permission } from "./permission.ts";

/** A read that did not succeed; the words say why. */
export interface NotRead {
  readonly unread: string;
}

/** The record of a group, as far as it can be used. */
export type RecordSeen = { readonly read: "ok" } | { readonly read: "no"; readonly error: string };

/** A rule of the stack on the event bus. */
export interface RuleSeen {
  readonly name: string;
  readonly enabled: boolean;
  /** Undefined: it has a schedule and matches no event. */
  readonly pattern?: string;
}

export type RulesSeen = readonly RuleSeen[] | NotRead;

/** One group. */
export interface Examined {
  /** Of an observation with details, and of the empty record where the record could not be used. */
  readonly situation: Situation;
  readonly record: RecordSeen;
  readonly table: string;
  /** DescribeAlarms answers metric alarms, and refuses composite ones. */
  readonly compositesDenied: boolean;
  /** Alarm → the names of the mute rules that are active on it. */
  readonly mutes: Readonly<Record<string, readonly string[] | NotRead>>;
  /** The members that have ever held the group, beside what the record remembers. */
  readonly held: readonly string[] | NotRead;
  readonly permissions: readonly Permission[];
  readonly rules: RulesSeen;
}

/** What is the same for all groups. */
export interface ControllerExamined {
  readonly stack: string;
  readonly table: string;
  readonly recovery: boolean | NotRead;
  /** The attribute by which items expire; null: none. */
  readonly expiry: string | null | NotRead;
  readonly rules: RulesSeen;
  /** How long the functions may run. */
  readonly limitSeconds: number;
  /** The longest grace before a graceful detach is forced, and whose it is. */
  readonly longestGrace: { readonly group: string; readonly seconds: number };
}
