/**
 * From what was read about one member to its health, with the evidence for it.
 *
 * The one invariant: a read that failed makes a member `unknown`, never `failing` and never `healthy`.
 */
import type { AlarmSeen, CheckName, Evidence, Health, InstanceSeen, Policy } from "./model.ts";

/** All of EC2's own checks, and alarms on them, are one witness: they see the same thing. */
export const EC2_CHECKS = "ec2-checks";

/** The application check, and alarms on it. */
const APPLICATION_CHECK = "application-check";

const DEAD_STATES = new Set(["stopping", "stopped", "shutting-down", "terminated"]);
const CHECKS: readonly CheckName[] = ["system", "instance", "ebs", "application"];

function sourceOf(check: CheckName): string {
  return `${check}-check`;
}

/** Whether evidence comes from a status check of EC2; an alarm may be called as it likes. */
export function isFromCheck({ source }: Pick<Evidence, "source">): boolean {
  return CHECKS.some((check) => sourceOf(check) === source);
}

/** What the instance itself says: its state and its status checks. `holds` is whether it has an interface of the group. */
export function instanceEvidence(
  seen: InstanceSeen,
  policy: Pick<Policy, "impairedSeconds">,
  holds: boolean,
  at: number,
): Evidence[] {
  if (seen.read === "failed") {
    return [fact("instance-state", "unknown", `could not be read: ${seen.error}`, at)];
  }
  if (seen.read === "not-found") {
    // An id that EC2 does not know while it still shows our interface attached to it: one of the two reads is stale.
    const says = holds ? "unknown" : "dead";
    return [fact("instance-state", says, "EC2 does not know this instance", at)];
  }
  if (DEAD_STATES.has(seen.state)) return [fact("instance-state", "dead", `instance is ${seen.state}`, at)];
  if (seen.state === "pending") return [fact("instance-state", "unknown", "instance is pending", at)];
  return checkEvidence(seen, policy, at);
}

function checkEvidence(
  seen: Extract<InstanceSeen, { read: "ok" }>,
  policy: Pick<Policy, "impairedSeconds">,
  at: number,
): Evidence[] {
  const evidence: Evidence[] = [];
  for (const name of CHECKS) {
    const check = seen.checks[name];
    if (check === undefined || check.status === "not-applicable") continue;
    const source = sourceOf(name);
    const witness = name === "application" ? APPLICATION_CHECK : EC2_CHECKS;
    if (check.status === "ok") {
      evidence.push({ source, witness, says: "healthy", detail: "ok", since: at });
    } else if (check.status === "impaired") {
      const since = check.impairedSince;
      evidence.push({ source, witness, ...impairment(since, policy, at), since: since ?? at });
    } else {
      evidence.push({ source, witness, says: "unknown", detail: check.status, since: at });
    }
  }
  if (evidence.length === 0) {
    evidence.push(fact("instance-state", "unknown", "running, but without any status check", at));
  }
  return evidence;
}

/** A reboot fails the instance check for a minute, so an impairment counts once it has lasted, by EC2's own clock. */
function impairment(
  since: number | undefined,
  { impairedSeconds }: Pick<Policy, "impairedSeconds">,
  at: number,
): Pick<Evidence, "says" | "detail"> {
  if (since === undefined) return { says: "unknown", detail: "impaired, and EC2 does not say since when" };
  const detail = `impaired for ${Math.max(0, Math.round((at - since) / 1000))} s`;
  return { says: at - since >= impairedSeconds * 1000 ? "failing" : "unknown", detail };
}

/**
 * What one alarm says. An alarm that is OK, suppressed or muted is no evidence; INSUFFICIENT_DATA is none while
 * the member's own checks are fine.
 */
export function alarmEvidence(alarm: AlarmSeen, checksAreFine: boolean): Evidence | undefined {
  const source = `alarm:${alarm.name}`;
  const witness = alarm.onStatusChecks ? EC2_CHECKS : alarm.onApplicationCheck ? APPLICATION_CHECK : source;
  if (alarm.suppressed || alarm.muted === true) return undefined;
  if (alarm.state === "ALARM") {
    return { source, witness, says: "failing", detail: "in ALARM", since: alarm.transitionedAt };
  }
  if (alarm.state === "INSUFFICIENT_DATA" && !checksAreFine) {
    return { source, witness, says: "unknown", detail: "has insufficient data", since: alarm.transitionedAt };
  }
  return undefined;
}

/**
 * `dead` beats `failing` beats `unknown` beats `healthy`. Failing needs as many independent witnesses as the
 * policy asks for; fewer make the member `unknown`. Dead needs one.
 */
export function healthOf(evidence: readonly Evidence[], witnesses: number): Health {
  if (evidence.some((one) => one.says === "dead")) return "dead";
  const failing = new Set(evidence.filter((one) => one.says === "failing").map((one) => one.witness));
  if (failing.size >= witnesses && failing.size > 0) return "failing";
  if (failing.size > 0 || evidence.some((one) => one.says === "unknown")) return "unknown";
  return evidence.length > 0 ? "healthy" : "unknown";
}

/** An instance or system check is impaired: the guest does not answer, so a graceful detach can't succeed. */
export function isUnreachable(seen: InstanceSeen): boolean {
  if (seen.read !== "ok" || seen.state !== "running") return false;
  return seen.checks.system?.status === "impaired" || seen.checks.instance?.status === "impaired";
}

function fact(source: string, says: Health, detail: string, since: number): Evidence {
  return { source, witness: EC2_CHECKS, says, detail, since };
}
