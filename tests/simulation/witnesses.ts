/**
 * Who really speaks against each member, source by source, as design section 3 counts them: EC2's checks once they have
 * failed for as long as the policy says, the alarms, and the group's alarms if they changed after the interfaces came.
 * Mutes and drills are the subject of other laws; here such an alarm speaks.
 */
import type { Group, Member } from "../../shared/core/model.ts";
import type { SimCloud } from "./cloud.ts";

/** A source that speaks now or did: since when, and when it last did for so long that it counts. */
interface Voice {
  since: number | undefined;
  heard: number;
}

/** EC2's own checks, and alarms on them, are one witness; the application check, each other alarm and the probe one each. */
const EC2 = "ec2-checks";
const APPLICATION = "application-check";
/** The guest does not answer: no witness of its own. */
const UNREACHABLE = "unreachable";

/** The observer looks every five seconds, clocks are off by two, and EC2 tells times in whole seconds. */
const INACCURACY_MS = 12_000;
const NEVER = Number.NEGATIVE_INFINITY;

export class Witnesses {
  readonly #cloud: SimCloud;
  readonly #groups: readonly Group[];
  /** By instance, then by source. */
  readonly #voices = new Map<string, Map<string, Voice>>();
  /** The instances whose checks had said something at the last look. */
  readonly #checked = new Set<string>();

  constructor(cloud: SimCloud, groups: readonly Group[]) {
    this.#cloud = cloud;
    this.#groups = groups;
    for (const { members } of groups) {
      for (const { instance } of members) this.#voices.set(instance, new Map());
    }
  }

  /** Hears everybody, now. */
  look(now: number): void {
    for (const group of this.#groups) {
      for (const member of group.members) this.#lookAt(group, member, now);
    }
  }

  /** Nothing has changed since the last look: who spoke speaks on. */
  stillSo(now: number): void {
    for (const group of this.#groups) {
      for (const { instance } of group.members) {
        for (const [source, voice] of this.#voices.get(instance) ?? []) this.#hear(group, source, voice, now);
      }
    }
  }

  #lookAt(group: Group, member: Member, now: number): void {
    const metrics = this.#cloud.ec2.statusMetrics(member.instance, now)?.values;
    const { StatusCheckFailed: ec2 = 0, StatusCheckFailed_Application: application = 0 } = metrics ?? {};
    // What was launched impaired is so since its launch.
    const launchedAt = this.#cloud.ec2.instanceTruth(member.instance, now)?.launchedAt ?? now;
    const from = this.#checked.has(member.instance) ? now : launchedAt;
    this.#note(group, member, EC2, ec2 > 0, now, from);
    this.#note(group, member, APPLICATION, application > 0, now, from);
    if (metrics === undefined) this.#checked.delete(member.instance);
    else this.#checked.add(member.instance);
    const { StatusCheckFailed_System: system = 0, StatusCheckFailed_Instance: guest = 0 } = metrics ?? {};
    this.#note(group, member, UNREACHABLE, system + guest > 0, now);
    const own = member.statusAlarm === undefined ? member.alarms : [member.statusAlarm, ...member.alarms];
    for (const name of own) this.#note(group, member, name, this.#isInAlarm(name), now);
    for (const name of group.alarms) {
      this.#note(group, member, name, this.#isInAlarm(name) && this.#isAbout(group, member, name, now), now);
    }
  }

  #isInAlarm(name: string): boolean {
    return this.#cloud.cloudwatch.stateTruth(name) === "ALARM";
  }

  /** It changed after the last interface had come to the member, and is not left over from whoever had them before. */
  #isAbout(group: Group, { instance }: Member, alarm: string, now: number): boolean {
    const held = group.interfaces.map(({ eni }) => this.#cloud.ec2.attachmentTruth(eni, now));
    const arrivals = held.map((one) =>
      one?.instanceId === instance ? one.attachedAt : Number.POSITIVE_INFINITY,
    );
    const changed = this.#cloud.cloudwatch.cameToStateTruth(alarm)?.transitionedAt ?? NEVER;
    return changed > Math.max(...arrivals) - INACCURACY_MS;
  }

  #note(
    group: Group,
    { instance }: Member,
    source: string,
    speaks: boolean,
    now: number,
    from: number = now,
  ): void {
    const voices = this.#voices.get(instance);
    if (voices === undefined || (!speaks && !voices.has(source))) return;
    const voice = voices.get(source) ?? { since: undefined, heard: NEVER };
    voices.set(source, voice);
    voice.since = speaks ? (voice.since ?? from) : undefined;
    this.#hear(group, source, voice, now);
  }

  /** Alarms have been debounced by CloudWatch; a check counts once it has failed for so long. */
  #hear({ policy }: Group, source: string, voice: Voice, now: number): void {
    if (voice.since === undefined) return;
    const isCheck = source === EC2 || source === APPLICATION;
    const patience = isCheck ? policy.impairedSeconds * 1000 - INACCURACY_MS : 0;
    if (now - voice.since >= patience) voice.heard = now;
  }

  /** The independent witnesses that spoke against the member at `from` or later. */
  against({ probe, members }: Group, instance: string, from: number): ReadonlySet<string> {
    const found = new Set<string>();
    const status = members.find((member) => member.instance === instance)?.statusAlarm;
    for (const [source, { heard }] of this.#voices.get(instance) ?? []) {
      if (heard >= from && source !== UNREACHABLE) found.add(source === status ? EC2 : source);
    }
    // What a prober says is judged by itself; here it may always have spoken.
    if (probe !== undefined) found.add("probe");
    return found;
  }

  /** EC2's own reads showed that it fails; not only alarms, or a prober. */
  seenByEc2(instance: string, from: number): boolean {
    const voices = this.#voices.get(instance);
    return [EC2, APPLICATION].some((source) => (voices?.get(source)?.heard ?? NEVER) >= from);
  }

  /** A detach that is not forced could not succeed. */
  isUnreachable(instance: string, from: number): boolean {
    return (this.#voices.get(instance)?.get(UNREACHABLE)?.heard ?? NEVER) >= from;
  }
}
