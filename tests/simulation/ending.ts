/** What must hold once the faults have stopped and the sweeps have had their time. Says in words what is still wrong. */
import type { Because, Group, HistoryEntry, Member, State } from "../../shared/core/model.ts";
import { newsOf } from "../../shared/core/news.ts";
import type { SimCloud } from "./cloud.ts";
import { dressAtEnd } from "./fences.ts";
import { STRANGER } from "./scene.ts";
import type { Truth } from "./truth.ts";
import { isTogether } from "./truth.ts";

/** Holds that explain why a failing active still has the group. */
const EXPLAINS_FAILING: ReadonlySet<Because> = new Set([
  "cooldown",
  "budget",
  "no-eligible-standby",
  "unconfirmed",
  "alarm-not-cleared",
  "surge",
  "fence-unconfirmed",
]);

/** Holds that explain why a dead one has: nobody else may, or it is not yet seen stopped where that comes first. */
const EXPLAINS_DEAD: ReadonlySet<Because> = new Set(["no-eligible-standby", "fence-unconfirmed"]);

/** As long as a look may be at work before it delivers what it has written. */
const WRITES_MS = 60_000;
const SWEEP_MS = 60_000;
/** What somebody moved is found by a look that comes a minute after the last move; a sweep may just have passed. */
const ADOPTED_MS = 60_000 + 2 * SWEEP_MS;

/** Everything about a group that is not as it must be; empty: it has settled. */
export function atEnd(
  group: Group,
  cloud: SimCloud,
  truth: Truth,
  entries: ReadonlyMap<string, HistoryEntry>,
  now: number,
): string[] {
  const state = cloud.state(group.name);
  // The run may end while a look is writing, or is at work on a move: what waits in the outbox is delivered at its end.
  const atWork = (state?.lease?.until ?? 0) > now;
  const isOwed = (key: string): boolean =>
    now - Date.parse(key.split("#")[0] ?? "") > WRITES_MS && !(atWork && state?.outbox[key] !== undefined);
  const owed = new Map([...entries].filter(([key]) => isOwed(key)));
  const told = [...ofHistory(group, cloud, state, owed), ...ofNews(group, cloud, owed)];
  if (waitsForOperator(group, state, cloud, now) || hasJustBegun(group, state, now)) return told;
  return [
    ...ofRecord(group, state, now),
    ...ofPlace(group, state, cloud, now),
    ...told,
    ...ofInterfaces(group, cloud, truth, now),
    ...dressAtEnd(group, state, cloud.ec2, now),
  ].map((text) => `${group.name}: ${text}`);
}

/** A move began so lately that it may still be on its way when the run ends: a slow detach outlasts an invocation. */
function hasJustBegun({ policy }: Group, state: State | undefined, now: number): boolean {
  const patience = policy.rtoSeconds * 1000 + SWEEP_MS + WRITES_MS;
  return state?.intent !== undefined && now - state.intent.since < patience;
}

/**
 * The policy may forbid to force a hung holder: with `detach: graceful`, and where two witnesses have to agree before
 * it counts as failing: then a drill does not force it either, whatever the policy says of failures. So a detach from it
 * never ends; the move waits, and the operator is told detach-stuck.
 */
export function mayWaitForOperator({ policy }: Group, state: State | undefined): boolean {
  const gentle = policy.detach === "auto" || state?.intent?.drill !== undefined;
  return policy.detach === "graceful" || (gentle && policy.witnesses > 1);
}

/** A member in quarantine waits for its acknowledge, or its restart, and an isolated one for its release. */
export function isOperators(
  { name, instance }: Member,
  state: State | undefined,
  truth: Truth,
  now: number,
): boolean {
  const quarantine = state?.quarantine[name];
  const launchedAt = truth.launchedAt(instance, now);
  const ended = quarantine?.untilLaunchAfter !== undefined && launchedAt > quarantine.untilLaunchAfter;
  return (quarantine !== undefined && !ended) || state?.isolated[name] !== undefined;
}

function waitsForOperator(group: Group, state: State | undefined, cloud: SimCloud, now: number): boolean {
  if (!mayWaitForOperator(group, state) || state?.intent === undefined) return false;
  return group.interfaces.some(({ eni }) => cloud.ec2.attachmentTruth(eni, now)?.status === "detaching");
}

type Attached = ReturnType<SimCloud["ec2"]["attachmentTruth"]>;

/** All is as well as it can be: where it is so at two sweeps running, nothing more will happen. */
export function isSerene(group: Group, cloud: SimCloud, truth: Truth, now: number): boolean {
  const state = cloud.state(group.name);
  if (Object.keys(state?.outbox ?? {}).length > 0) return false;
  // A graceful detach off a hung guest is waited for until somebody comes, and they have been told.
  if (waitsForOperator(group, state, cloud, now) && state?.told?.because === "detach-stuck") return true;
  if (state?.intent !== undefined) return false;
  if (group.policy.mode === "observe") return true;
  if (truth.isAnyGone(group, now)) {
    const holders = group.interfaces.map(({ eni }) => cloud.ec2.attachmentTruth(eni, now));
    return isToldGone(state?.told?.because, holders);
  }
  const holders = truth.holders(group, now);
  const [active] = holders;
  const well = (instance: string): boolean =>
    truth.sinceGood(instance, now) < 60_000 && truth.sinceBad(instance, now) > 60_000;
  if (active !== undefined && isTogether(holders) && well(active)) return true;
  // Nobody is left who could take it, and that has been told.
  const nobody = group.members.every(
    ({ instance }) => truth.sinceGood(instance, now) > 60_000 || !truth.hasRoom(instance),
  );
  return nobody && state?.told?.because === "no-eligible-standby";
}

function ofRecord(group: Group, state: State | undefined, now: number): string[] {
  if (state === undefined) return [];
  const pending: string[] = [];
  if (state.lease !== undefined && state.lease.until > now)
    pending.push(`a lease is held by ${state.lease.holder}`);
  if (state.intent !== undefined)
    pending.push(`an intent to ${state.intent.to} is left (${state.intent.because})`);
  if (state.drill !== undefined && state.drill.end === undefined)
    pending.push(`the drill of ${new Date(state.drill.since).toISOString()} has no end`);
  if (group.policy.mode === "observe" && state.epoch > 0) pending.push("a group in observe mode was claimed");
  return pending;
}

/** The record knows where the group is, also when somebody moved it by hand. */
function ofPlace(group: Group, state: State | undefined, cloud: SimCloud, now: number): string[] {
  const last = state?.moves.at(-1);
  if (last === undefined || last.failed === true || group.policy.mode === "observe") return [];
  const held = group.interfaces.map(({ eni }) => cloud.ec2.attachmentTruth(eni, now));
  const to = group.members.find(({ name }) => name === last.to)?.instance;
  const settled = [last.at, ...held.map((one) => one?.attachedAt ?? now)].every(
    (at) => now - at >= ADOPTED_MS,
  );
  const [active] = held.map((one) => one?.instanceId);
  const ours = group.members.some(({ instance }) => instance === active);
  const together = held.every((one) => one?.instanceId === active && one?.status === "attached");
  if (!settled || !together || !ours || active === to) return [];
  return [`the group is on ${active}, and the record knows only that it went to ${last.to}`];
}

/** No move and no refusal without its history item. */
function ofHistory(
  group: Group,
  cloud: SimCloud,
  state: State | undefined,
  entries: ReadonlyMap<string, HistoryEntry>,
): string[] {
  const there = new Set(cloud.history(group.name).map((item) => String(item.sk)));
  const owed = [...entries].filter(([, { kind }]) => kind !== "started").map(([key]) => key);
  const lost = owed.filter((key) => !there.has(`EVENT#${key}`));
  const waiting = Object.keys(state?.outbox ?? {}).filter((key) => entries.has(key));
  return [
    ...lost.map((key) => `the history item ${key} is missing`),
    ...waiting.map((key) => `the entry ${key} still waits in the outbox`),
  ];
}

/** No entry that is news without its event; and what is sent more than once has one id, and says the same. */
function ofNews(group: Group, cloud: SimCloud, entries: ReadonlyMap<string, HistoryEntry>): string[] {
  const sent = new Map<string, string>();
  const wrong: string[] = [];
  for (const { type, detail } of cloud.news) {
    const says = `${type} ${detail.group} ${detail.to}`;
    const before = sent.get(detail.id) ?? says;
    if (before !== says) wrong.push(`the event ${detail.id} was ${before}, and then ${says}`);
    sent.set(detail.id, says);
  }
  for (const [key, entry] of entries) {
    const owed = newsOf(group.name, key, entry);
    if (owed !== undefined && !sent.has(owed.detail.id)) wrong.push(`the event ${owed.detail.id} is missing`);
  }
  return wrong;
}

/** Where a stranger holds another one, that may be what is told until it is mended. */
function isToldGone(told: Because | undefined, holders: readonly Attached[]): boolean {
  const strange = holders.some((holder) => holder?.instanceId === STRANGER);
  return told === "interface-missing" || (strange && told === "held-by-stranger");
}

/** It is on a member, and goes when that goes. What a stranger holds is not ours to keep up. */
function isDoomed(holder: Attached): boolean {
  return holder?.deleteOnTermination === true && holder.instanceId !== STRANGER;
}

function ofInterfaces(group: Group, cloud: SimCloud, truth: Truth, now: number): string[] {
  if (group.policy.mode === "observe") return [];
  const holders = group.interfaces.map(({ eni }) => cloud.ec2.attachmentTruth(eni, now));
  const told = cloud.state(group.name)?.told?.because;
  const why = told === undefined ? "nothing was told" : `told: ${told}`;
  const state = cloud.state(group.name);
  const well = group.members.filter(
    (member) =>
      truth.sinceGood(member.instance, now) < 60_000 &&
      truth.hasRoom(member.instance) &&
      !isOperators(member, state, truth, now),
  );
  const active = holders[0]?.instanceId;
  if (truth.isAnyGone(group, now)) {
    return isToldGone(told, holders) ? [] : [`an interface is deleted, ${why}`];
  }
  const doomed = group.interfaces.filter((_, at) => isDoomed(holders[at]));
  if (doomed.length > 0) {
    return doomed.map(({ eni }) => `${eni} would be deleted with its holder`);
  }
  if (
    holders.some(
      (holder) => holder === null || holder?.instanceId !== active || holder?.status !== "attached",
    )
  ) {
    const where = holders.map((holder) =>
      holder === null ? "nothing" : `${holder?.instanceId} (${holder?.status})`,
    );
    if (told === "no-eligible-standby" && well.length === 0) return [];
    if (told === "held-by-stranger" && holders.some((holder) => holder?.instanceId === STRANGER)) return [];
    return [
      `the interfaces are on ${where.join(", ")}, ${why}, well: ${well.map((one) => one.name).join(", ") || "none"}`,
    ];
  }
  if (active === STRANGER) return told === "held-by-stranger" ? [] : [`a stranger holds it, ${why}`];
  // What began since the last sweep, no look has met yet.
  if (active === undefined || truth.failingFor(active, now) < 90_000) return [];
  const others = well.filter((member) => member.instance !== active);
  if (others.length === 0) return [];
  const dead = !truth.lives(active, now);
  // It has settled a moment ago: the next look will tell.
  const lately = now - (cloud.state(group.name)?.moves.at(-1)?.at ?? 0) < 120_000;
  const fit = others.find(({ instance }) => truth.isFit(instance, now));
  if (fit !== undefined && told === "no-eligible-standby" && !lately) {
    return [`${active} is active and ${dead ? "dead" : "failing"}, ${why}, though ${fit.name} is fit`];
  }
  const explained = lately || (told !== undefined && (dead ? EXPLAINS_DEAD : EXPLAINS_FAILING).has(told));
  return explained ? [] : [`${active} is active and ${dead ? "dead" : "failing"}, ${why}`];
}
