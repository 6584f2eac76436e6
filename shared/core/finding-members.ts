/** What keeps a member from taking the group, and whether it was ever seen to hold it. */
import { isEligible } from "./candidates.ts";
import type { Examined } from "./examined.ts";
import { argument, DEPLOY, invoke, type Problem, type Severity, unread } from "./finding.ts";
import { isAstray } from "./finding-interfaces.ts";
import { isFromCheck } from "./health.ts";
import { ANY_TYPE_TAKES, allowedIndexes, burnsInForce } from "./indexes.ts";
import type { Diagnosis, Evidence, Group, Ineligible, MemberDiagnosis, Observation } from "./model.ts";
import { lastProven } from "./readiness.ts";
import { because } from "./words.ts";

type Wrong = Omit<Problem, "subject" | "severity">;

export function memberProblems(examined: Examined): readonly Problem[] {
  const { diagnosis, group, observation } = examined.situation;
  const own = diagnosis.members.flatMap((member) => {
    const severity = severityOf(diagnosis, member);
    const found = wrongs(examined, member).map((one) => ({ ...one, subject: member.member, severity }));
    return found.length > 0 ? found : neverHeld(examined, member);
  });
  return [...unreadMembers(group, observation), ...own, ...unreadHistory(examined)];
}

/** A member that can't take the group stops a failover if it is the last that could. */
function severityOf({ active, members }: Diagnosis, { member }: MemberDiagnosis): Severity {
  if (member === active) return "warning";
  return members.some(isEligible) ? "warning" : "error";
}

/** What is wrong with it: one for each cause, and what follows from it is not told again. */
function wrongs(examined: Examined, member: MemberDiagnosis): readonly Wrong[] {
  const instance = examined.situation.observation.members[member.member]?.instance;
  if (instance?.read === "not-found") return [missing(member)];
  if (instance?.read === "ok" && (instance.state === "terminated" || instance.state === "shutting-down")) {
    return [missing(member)];
  }
  if (member.reasons.includes("not-running") && instance?.read === "ok")
    return [stopped(member, instance.state)];
  const isActive = member.member === examined.situation.diagnosis.active;
  const reasons = member.reasons.filter((reason) => !(isActive && UNWELL.has(reason)));
  return reasons.flatMap((reason) => {
    const wrong = WRONGS[reason]?.(member, examined);
    return wrong === undefined ? [] : [wrong];
  });
}

const UNWELL: ReadonlySet<Ineligible> = new Set(["dead", "failing", "unknown"]);

/** By reason, every word of the set. Undefined: no fault, or told as `unread`, or above. */
const WRONGS: Readonly<
  Record<Ineligible, ((member: MemberDiagnosis, examined: Examined) => Wrong | undefined) | undefined>
> = {
  active: undefined,
  "not-running": undefined,
  unread: undefined,
  failing: unwell,
  unknown: unwell,
  dead: unwell,
  "wrong-zone": elsewhere,
  quarantined,
  isolated: ({ member }, { situation: { group } }) => ({
    check: "member-isolated",
    means: `${member} is isolated since a failover took the group off it: its other interfaces bear the quarantine security group, and no move chooses it.`,
    mend: invoke("release", { group: group.name, member }),
  }),
  "index-taken": indexTaken,
  "index-burned": indexBurned,
  "no-slot": noSlot,
};

function missing({ instance }: MemberDiagnosis): Wrong {
  const means = `${instance} does not exist any more: it can never take the group, so name another instance in failover.yml and deploy.`;
  return { check: "member-missing", means, mend: DEPLOY };
}

function stopped({ instance }: MemberDiagnosis, state: string): Wrong {
  const means = `${instance} is ${state}: it can't take the group until it runs.`;
  const id = `--instance-ids ${instance}`;
  const start = `aws ec2 start-instances ${id}`;
  if (state === "pending")
    return { check: "member-stopped", means, mend: `aws ec2 wait instance-running ${id}` };
  if (state !== "stopping") return { check: "member-stopped", means, mend: start };
  return { check: "member-stopped", means, mend: `aws ec2 wait instance-stopped ${id} && ${start}` };
}

/** What could not be read at all is told once for all members, by its call. */
function unwell(
  { member, instance, health, evidence }: MemberDiagnosis,
  { situation }: Examined,
): Wrong | undefined {
  if (situation.observation.members[member]?.instance.read === "failed") return undefined;
  const means = `${member} is ${health} (${because(evidence, health)}): no move chooses it while that is so.`;
  const failing = evidence.find(({ says }) => says === "failing");
  return { check: "member-unwell", means, mend: treatment(failing, instance, situation.group.name) };
}

/** A failing host is left by a stop and start, a failing guest is rebooted; what an alarm tells of, and `unknown`, is looked into. */
function treatment(failing: Evidence | undefined, instance: string, group: string): string {
  if (failing?.source === "system-check") return restart(instance);
  if (failing !== undefined && isFromCheck(failing))
    return `aws ec2 reboot-instances --instance-ids ${instance}`;
  const [, alarm] = (failing?.source ?? "").split(/^alarm:/);
  return alarm === undefined
    ? invoke("status", { group })
    : `aws cloudwatch describe-alarms --alarm-names ${argument(alarm)}`;
}

function elsewhere({ member, instance }: MemberDiagnosis, { situation }: Examined): Wrong | undefined {
  const { group, observation } = situation;
  const seen = observation.members[member]?.instance;
  if (seen?.read !== "ok") return undefined;
  const { zone } = seen;
  const away = group.interfaces.filter(({ eni }) => {
    const one = observation.interfaces[eni];
    return one !== undefined && "zone" in one && one.zone !== zone && !isAstray(group, eni, observation);
  });
  if (away.length === 0) return undefined;
  const which = away.map(({ eni }) => eni).join(", ");
  const means = `${instance} is in ${zone} and ${which} is not: an interface never leaves its zone, so name an instance of its zone in failover.yml and deploy.`;
  return { check: "member-zone", means, mend: DEPLOY };
}

function quarantined(
  { member, instance, reasons }: MemberDiagnosis,
  { situation }: Examined,
): Wrong | undefined {
  const why = situation.state.quarantine[member]?.why;
  // A burned index is what this one stands for.
  if (why === "forced-detach" && reasons.includes("index-burned")) return undefined;
  const means = `${member} is in quarantine (${why}): automatic moves do not choose it.`;
  if (why === "forced-detach") return { check: "member-quarantined", means, mend: restart(instance) };
  return {
    check: "member-quarantined",
    means,
    mend: invoke("acknowledge", { group: situation.group.name, member }),
  };
}

function indexTaken({ member, instance }: MemberDiagnosis, { situation }: Examined): Wrong {
  const { group, observation } = situation;
  const own = new Set(group.interfaces.map(({ eni }) => eni));
  const attachments = observation.members[member]?.details?.attachments ?? [];
  const wanted = group.interfaces.flatMap(({ eni }) => {
    const configured = group.members.find(({ name }) => name === member);
    return configured === undefined ? [] : allowedIndexes(group, configured, eni);
  });
  const taken = attachments.filter(({ eni, deviceIndex }) => !own.has(eni) && wanted.includes(deviceIndex));
  const by = taken.map(({ eni, deviceIndex }) => `${deviceIndex} by ${eni}`).join(", ");
  const used = new Set(attachments.map(({ deviceIndex }) => deviceIndex));
  const free = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].find((index) => !used.has(index));
  const means = `On ${instance} the device indexes that the group may take are taken (${by}): allow another in failover.yml, for example ${free}, and deploy, or detach what is there.`;
  return { check: "member-index-taken", means, mend: DEPLOY };
}

function indexBurned({ member, instance }: MemberDiagnosis, { situation }: Examined): Wrong {
  const { state, observation } = situation;
  const burns = burnsInForce(state.burned, member, observation.members[member]?.details);
  const which = [...new Set(burns.map(({ deviceIndex }) => deviceIndex))].join(", ");
  const means = `A forced detach has made device index ${which} of ${instance} unusable for another interface until it is stopped and started.`;
  return { check: "member-index-burned", means, mend: restart(instance) };
}

/** A reboot is none: only a new launch frees the indexes. */
function restart(instance: string): string {
  const id = `--instance-ids ${instance}`;
  return `aws ec2 stop-instances ${id} && aws ec2 wait instance-stopped ${id} && aws ec2 start-instances ${id}`;
}

function noSlot({ member, instance }: MemberDiagnosis, { situation }: Examined): Wrong {
  const details = situation.observation.members[member]?.details;
  const own = new Set(situation.group.interfaces.map(({ eni }) => eni));
  const others = (details?.attachments ?? []).filter(({ eni }) => !own.has(eni)).map(({ eni }) => eni);
  const means = `${instance} takes ${details?.maxInterfaces} interfaces and has ${others.join(", ")} already: with the group's ${own.size} they are too many. A larger type takes more (while the instance is stopped).`;
  const mend = `aws ec2 modify-instance-attribute --instance-id ${instance} --instance-type Value=TYPE`;
  return { check: "member-no-slot", means, mend };
}

/** Whether the guest can use the interface is known only once it has held it; one that can't take it is told of already. */
function neverHeld(
  { situation, held, record }: Examined,
  { member, instance }: MemberDiagnosis,
): readonly Problem[] {
  const { group, diagnosis, observation, state } = situation;
  const isRead = record.read === "ok" && observation.members[member]?.instance.read === "ok";
  if (!isRead || member === diagnosis.active) return [];
  if ("unread" in held || held.includes(member) || lastProven(state, member) !== undefined) return [];
  const means = `${instance} has never held the group, as far as the record and the history go: nobody knows whether its guest can use the interface. A switchover in a quiet hour proves it.`;
  const mend = invoke("failover", { group: group.name, to: member });
  return [{ check: "member-never-held", severity: "warning", subject: member, means, mend }];
}

function unreadHistory({ situation: { group }, held }: Examined): readonly Problem[] {
  if (!("unread" in held)) return [];
  return [unread("dynamodb:Query", `which members of ${group.name} have held the group`, held.unread)];
}

/** Reads that cover all members at once are told once. */
function unreadMembers(
  { interfaces, members: configured }: Group,
  { members }: Observation,
): readonly Problem[] {
  const names = configured.map(({ name }) => name);
  const enis = interfaces.map(({ eni }) => eni);
  const of = (isUnread: (name: string) => boolean): string => names.filter(isUnread).join(", ");
  const [failed] = names.flatMap((name) => {
    const seen = members[name]?.instance;
    return seen?.read === "failed" ? [seen.error] : [];
  });
  const exists = (name: string): boolean => members[name]?.instance.read === "ok";
  const status = of((name) => members[name]?.instance.read === "failed");
  const details = of((name) => exists(name) && members[name]?.details === undefined);
  const slots = of((name) => {
    const known = members[name]?.details;
    if (known === undefined || known.maxInterfaces !== undefined) return false;
    // Any type takes a few: then it is not asked.
    return new Set([...known.attachments.map(({ eni }) => eni), ...enis]).size > ANY_TYPE_TAKES;
  });
  return [
    ...(failed === undefined
      ? []
      : [unread("ec2:DescribeInstanceStatus", `how ${status} is`, failed, "error")]),
    ...(details === ""
      ? []
      : [unread("ec2:DescribeInstances", `which device indexes of ${details} are taken`, LOGGED, "error")]),
    ...(slots === ""
      ? []
      : [unread("ec2:DescribeInstanceTypes", `how many interfaces ${slots} takes`, LOGGED)]),
  ];
}

const LOGGED = "the log says why";
