/**
 * What was true in a run, by time: when each member could last be seen to fail, and to be well; where the interfaces
 * were. An observer outside the controller, which reads the models without lag and without faults: every five
 * seconds, and whenever a law is judged.
 */
import type { InstanceTruth } from "../../local/ec2/ec2.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import type { SimCloud } from "./cloud.ts";
import { Places } from "./places.ts";
import { type Silence, silenceOf } from "./probers.ts";
import { Witnesses } from "./witnesses.ts";

interface MemberTruth {
  /** When it was last seen to fail, and to be well: by EC2 and its alarms, and by no prober's silence. */
  bad: number;
  good: number;
  unaccused: number;
  /** When an alarm that accuses it was last muted. */
  muted: number;
  /** The launch in which a forced detach may last have burned an index of it. */
  burnedIn: number;
  /** How often it has begun to fail: the time between two healthy moments is one failure. */
  failures: number;
  failing: boolean;
  /** When the last failure began. */
  failedAt: number;
  /** When it last held an interface of its group. */
  held: number;
  /** When nothing ran on it, and when it ran. */
  stopped: number;
  lived: number;
  /** Its announced ends. */
  readonly ends: AnnouncedEnd[];
}

interface AnnouncedEnd {
  readonly at: number;
  /** Since when it counts, where that does not depend on the policy: a spot notice. Others are scheduled events. */
  readonly countsFrom?: number;
  /** When the event was last open. */
  openAt: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** Whoever has been well for so long is seen to be by every look. */
const FIT_MS = 180_000;

const RESTART_SEEN_MS = 30_000;

/** Everybody can read by then that a scheduled event is over. */
const OVER_SEEN_MS = 30_000;

const GONE: Pick<InstanceTruth, "state" | "scheduled"> = { state: "terminated", scheduled: [] };

const MUTES_UNREAD_MS = 30_000;

export class Truth extends Places {
  readonly witnesses: Witnesses;
  readonly #groups: readonly Group[];
  readonly #members = new Map<string, MemberTruth>();
  /** When a group's interfaces were last apart, or one on nothing. */
  readonly #apart = new Map<string, number>();
  #lookedAt = NEVER;
  #changes = -1;
  /** Until then somebody may not have been able to read that an alarm is muted. */
  #mutesUnreadUntil = NEVER;
  readonly #probed: boolean;

  constructor(cloud: SimCloud, groups: readonly Group[]) {
    super(cloud);
    this.#groups = groups;
    this.witnesses = new Witnesses(cloud, groups);
    this.#probed = groups.some((group) => group.probe !== undefined);
    for (const { members } of groups) {
      for (const { instance } of members) {
        const never = { bad: NEVER, good: NEVER, unaccused: NEVER, muted: NEVER, held: NEVER };
        this.#members.set(instance, {
          ...never,
          stopped: NEVER,
          lived: NEVER,
          burnedIn: NEVER,
          failedAt: NEVER,
          failures: 0,
          failing: false,
          ends: [],
        });
      }
    }
  }

  /** Looks at everything, now. */
  look(now: number): void {
    const changes = this.cloud.changes(now);
    // A prober's verdict comes with the record, and lapses by itself: then every look is a whole one.
    const mutesCount = this.#mutesUnreadUntil > this.#lookedAt;
    if (changes === this.#changes && !this.#probed && !mutesCount) {
      this.#stillSo(now);
      return;
    }
    this.#changes = changes;
    this.#lookedAt = now;
    this.witnesses.look(now);
    for (const group of this.#groups) {
      this.#lookAtInterfaces(group, now);
      for (const member of group.members) {
        this.#lookAtMember(group, member, now);
      }
    }
  }

  /** Nothing has changed: what was seen at the last look is seen again. */
  #stillSo(now: number): void {
    const then = this.#lookedAt;
    if (now === then) return;
    this.#lookedAt = now;
    this.witnesses.stillSo(now);
    for (const last of this.#members.values()) {
      if (last.bad === then) last.bad = now;
      if (last.good === then) last.good = now;
      if (last.unaccused === then) last.unaccused = now;
      if (last.muted === then) last.muted = now;
      if (last.held === then) last.held = now;
      if (last.stopped === then) last.stopped = now;
      if (last.lived === then) last.lived = now;
      for (const end of last.ends) if (end.openAt === then) end.openAt = now;
    }
    // Also what has been on its way for too long, without any change.
    for (const group of this.#groups) this.#lookAtInterfaces(group, now);
  }

  #lookAtInterfaces(group: Group, now: number): void {
    for (const { eni } of group.interfaces) {
      const held = this.#members.get(this.cloud.ec2.attachmentTruth(eni, now)?.instanceId ?? "");
      if (held !== undefined) held.held = now;
    }
    if (!isTogether(this.holders(group, now))) this.#apart.set(group.name, now);
  }

  #lookAtMember(group: Group, member: Member, now: number): void {
    const last = this.#members.get(member.instance);
    if (last === undefined) return;
    const silence = this.#silence(group, member, now);
    const groupAlarms = this.#alarming(group.alarms, now);
    if (this.#areMuted([...group.alarms, ...member.alarms], now)) last.muted = now;
    const metrics = this.cloud.ec2.statusMetrics(member.instance, now)?.values;
    const { state, scheduled } = this.cloud.ec2.instanceTruth(member.instance, now) ?? GONE;
    for (const end of last.ends) {
      if (end.countsFrom !== undefined || scheduled.includes(end.at)) end.openAt = now;
    }
    if (state === "stopped" || state === "terminated") last.stopped = now;
    if (state === "running" || state === "pending") last.lived = now;
    const impaired = metrics !== undefined && Object.values(metrics).some((value) => value > 0);
    const unwell = impaired || this.#isBad(member, now);
    // It says what the checks say, and later. Where it can't be read, they are enough.
    const statusAlarm = member.statusAlarm === undefined ? [] : [member.statusAlarm];
    const bad =
      unwell || this.#alarming(statusAlarm, now) || silence.accuses || this.#alarming(member.alarms, now);
    // The group's alarms speak about whoever is active; of a standby they say nothing.
    const accused = bad || (groupAlarms && last.held === now);
    if (bad || groupAlarms) last.bad = now;
    if (accused && !last.failing) {
      last.failures += 1;
      last.failedAt = now;
    }
    last.failing = accused;
    if (!unwell && metrics !== undefined) last.good = now;
    if (!silence.unwell) last.unaccused = now;
  }

  #silence(group: Group, member: Member, now: number): Silence {
    const probed = group.probe === undefined ? undefined : this.cloud.state(group.name)?.probed;
    const holds = this.#members.get(member.instance)?.held === now;
    const holdsAll = this.holders(group, now).every((holder) => holder === member.instance);
    return silenceOf(probed, member.name, { holds, holdsAll }, now);
  }

  #areMuted(names: readonly string[], now: number): boolean {
    const { cloudwatch } = this.cloud;
    const isQuiet = (name: string): boolean =>
      this.cloud.alarms.isMuted(name, now) || this.cloud.alarms.isSuppressed(name, now);
    return names.some((name) => isQuiet(name) && cloudwatch.stateTruth(name) === "ALARM");
  }

  /** Where mute rules could not be read, the alarm counts: also one that was in ALARM when the alarms were read before. */
  mutesWereUnread(now: number): void {
    this.#mutesUnreadUntil = now + MUTES_UNREAD_MS;
    for (const last of this.#members.values()) {
      if (now - last.muted <= MUTES_UNREAD_MS) last.bad = Math.max(last.bad, last.muted);
    }
  }

  #alarming(names: readonly string[], now: number, unread = now < this.#mutesUnreadUntil): boolean {
    const cloud = this.cloud;
    const isHeard = (name: string): boolean =>
      !cloud.alarms.isSuppressed(name, now) && (unread || !cloud.alarms.isMuted(name, now));
    return names.some(
      (name) =>
        !cloud.alarms.isDrilled(name) && cloud.cloudwatch.stateTruth(name) === "ALARM" && isHeard(name),
    );
  }

  /** Anybody can see that it fails: its state, the alarms of its own, if they are not muted. */
  #isBad(member: Member, now: number): boolean {
    const truth = this.cloud.ec2.instanceTruth(member.instance, now);
    if (truth === undefined || (truth.state !== "running" && truth.state !== "pending")) return true;
    return this.#alarming(member.alarms, now, false);
  }

  /** The alarm that a drill has set on it still stands: once the drill has ended, it accuses. */
  isRehearsed({ alarms }: Member): boolean {
    return alarms.some(
      (name) => this.cloud.alarms.isDrilled(name) && this.cloud.cloudwatch.stateTruth(name) === "ALARM",
    );
  }

  /** How long ago this invocation last read the status of the instance. */
  sinceRead(by: string, instance: string, now: number): number {
    return now - this.cloud.readAt(by, instance);
  }

  /** It has been well for so long that every look sees it, and a restart has ended what a forced detach did to it. */
  isFit(instance: string, now: number): boolean {
    const well = this.sinceGood(instance, now) === 0 && this.sinceBad(instance, now) > FIT_MS;
    return well && this.isWhole(instance, now) && this.hasRoom(instance);
  }

  /** Others hold no device index there that its group can't do without. */
  hasRoom(instance: string): boolean {
    return !this.cloud.full.has(instance);
  }

  /** No forced detach has burned an index of its present launch, which everybody can read by now. */
  isWhole(instance: string, now: number): boolean {
    const launchedAt = this.launchedAt(instance, now);
    const burnedIn = this.#members.get(instance)?.burnedIn ?? NEVER;
    return launchedAt !== NEVER && now - launchedAt > RESTART_SEEN_MS && launchedAt > burnedIn;
  }

  /** How long ago an alarm that accuses the instance, or its group's active, was last muted; infinite: never. */
  sinceMuted(instance: string, now: number): number {
    return now - (this.#members.get(instance)?.muted ?? NEVER);
  }

  /** Something was forced off it: nobody can see whether that burned the index, until a restart; a reboot is none. */
  forcedOff(instance: string, now: number): void {
    const last = this.#members.get(instance);
    if (last !== undefined) last.burnedIn = this.launchedAt(instance, now);
  }

  /** EC2 has announced the instance's end. */
  announced(instance: string, end: Omit<AnnouncedEnd, "openAt">, now: number): void {
    this.#members.get(instance)?.ends.push({ ...end, openAt: now });
  }

  /** An announced end of the instance is less than so long away, or past and not over, or counts already. */
  endsWithin(instance: string, milliseconds: number, now: number): boolean {
    const ends = this.#members.get(instance)?.ends ?? [];
    return ends.some(({ at, openAt, countsFrom = Number.POSITIVE_INFINITY }) => {
      if (this.#lookedAt - openAt > OVER_SEEN_MS) return false;
      return at - now <= milliseconds || countsFrom <= now;
    });
  }

  /** How long ago the instance was last seen to fail; infinite: never. */
  sinceBad(instance: string, now: number): number {
    return now - (this.#members.get(instance)?.bad ?? NEVER);
  }

  /**
   * How long ago the instance was last seen to be well; infinite: never. EC2's reads lag and a verdict does not, so a
   * look may rest on both without there having been a moment at which both were so.
   */
  sinceGood(instance: string, now: number): number {
    const { good, unaccused } = this.#members.get(instance) ?? { good: NEVER, unaccused: NEVER };
    return now - Math.min(good, unaccused);
  }

  /** How long ago the instance last held an interface of its group; infinite: never. */
  sinceHeld(instance: string, now: number): number {
    return now - (this.#members.get(instance)?.held ?? NEVER);
  }

  /** How long ago nothing ran on the instance; infinite: it always ran. */
  sinceStopped(instance: string, now: number): number {
    return now - (this.#members.get(instance)?.stopped ?? NEVER);
  }

  /** How long ago the instance ran, or was about to; infinite: it never did. */
  sinceLived(instance: string, now: number): number {
    return now - (this.#members.get(instance)?.lived ?? NEVER);
  }

  /** How long ago the group's interfaces were last apart, or one on nothing; infinite: never. */
  sinceApart(group: string, now: number): number {
    return now - (this.#apart.get(group) ?? NEVER);
  }

  /** The number of the instance's last failure, counted from 1; 0: it never failed. */
  failure(instance: string): number {
    return this.#members.get(instance)?.failures ?? 0;
  }

  /** For how long it has been failing; 0: it is not. */
  failingFor(instance: string, now: number): number {
    const last = this.#members.get(instance);
    return last?.failing === true ? now - last.failedAt : 0;
  }
}

/** All on one instance. */
export function isTogether(holders: readonly (string | undefined)[]): boolean {
  return holders.every((holder) => holder !== undefined && holder === holders[0]);
}
