/** What can be wrong with a floating interface. */
import type { Examined } from "./examined.ts";
import { DEPLOY, invoke, type Problem, unread } from "./finding.ts";
import type { AttachedSeen, Group, Observation } from "./model.ts";

export function interfaceProblems({ situation }: Pick<Examined, "situation">): readonly Problem[] {
  const { group, observation } = situation;
  return [
    ...unreadInterfaces(group, observation),
    ...group.interfaces.flatMap(({ eni }) => [
      ...astray(group, eni, observation),
      ...own(group, eni, observation),
    ]),
  ];
}

/** The zone of the interface is that of none of the members that could be read. */
export function isAstray(group: Group, eni: string, observation: Observation): boolean {
  return astray(group, eni, observation).length > 0;
}

function zonesOf(group: Group, { members }: Observation): readonly string[] {
  const zones = group.members.flatMap(({ name }) => {
    const instance = members[name]?.instance;
    return instance?.read === "ok" ? [instance.zone] : [];
  });
  return [...new Set(zones)];
}

function unreadInterfaces(group: Group, { interfaces }: Observation): readonly Problem[] {
  const failed = group.interfaces.flatMap(({ eni }) => {
    const seen = interfaces[eni];
    return seen?.state === "unread" ? [{ eni, error: seen.error }] : [];
  });
  const [first] = failed;
  if (first === undefined) return [];
  const what = `where ${failed.map(({ eni }) => eni).join(", ")} is`;
  return [unread("ec2:DescribeNetworkInterfaces", what, first.error, "error")];
}

/** What is wrong with it wherever it is: the first that fits, since the others follow from it. */
function own(group: Group, eni: string, observation: Observation): readonly Problem[] {
  const seen = observation.interfaces[eni];
  if (seen?.state === "unread") return [];
  if (seen === undefined || seen.state === "missing") {
    const means = `${eni} does not exist: the group can't move it, and an id never comes back, so name another in failover.yml and deploy.`;
    return [problem("interface-missing", eni, means, create())];
  }
  if (seen.unmovable === "requester-managed") {
    const means = `${eni} is managed by another AWS service, and EC2 refuses to detach it: name an interface of your own in failover.yml and deploy.`;
    return [problem("interface-managed", eni, means, create())];
  }
  if (seen.state === "available") {
    // No look can attach it.
    if (isAstray(group, eni, observation)) return [];
    const means = `${eni} is attached to nothing: its address serves nobody until a look attaches it.`;
    return [problem("interface-on-nothing", eni, means, invoke("sweep", { group: group.name }))];
  }
  if (seen.unmovable === "primary") {
    const means = `${eni} is the primary interface of ${seen.instance}, which EC2 never detaches: name one of its own in failover.yml and deploy.`;
    return [problem("interface-primary", eni, means, create())];
  }
  return attached(group, eni, seen);
}

function attached(group: Group, eni: string, seen: AttachedSeen): readonly Problem[] {
  if (!group.members.some(({ instance }) => instance === seen.instance)) {
    const means = `${eni} is attached to ${seen.instance ?? "something that EC2 does not name"}, which is no member: the group does not touch it there.`;
    const mend = `aws ec2 detach-network-interface --attachment-id ${seen.attachmentId}`;
    return [problem("interface-with-stranger", eni, means, mend)];
  }
  if (!seen.deleteOnTermination) return [];
  const because = group.policy.mode === "observe" ? "in mode observe no look does" : "the next look does too";
  const means = `${eni} would be deleted for good, with its address, if ${seen.instance} were terminated; this switches that off (${because}).`;
  const attachment = `AttachmentId=${seen.attachmentId},DeleteOnTermination=false`;
  const mend = `aws ec2 modify-network-interface-attribute --network-interface-id ${eni} --attachment ${attachment}`;
  return [{ ...problem("interface-delete-on-termination", eni, means, mend), severity: "warning" }];
}

function astray(group: Group, eni: string, observation: Observation): readonly Problem[] {
  const seen = observation.interfaces[eni];
  if (seen === undefined || !("zone" in seen)) return [];
  const zones = zonesOf(group, observation);
  if (zones.length === 0 || zones.includes(seen.zone)) return [];
  const means = `${eni} is in ${seen.zone} and the members are in ${zones.join(", ")}: an interface never leaves its zone, so name one of theirs in failover.yml and deploy.`;
  return [problem("interface-zone", eni, means, create())];
}

/** An interface of a group that no member can hold is another one in failover.yml. */
function create(): string {
  return `aws ec2 create-network-interface --subnet-id SUBNET && ${DEPLOY}`;
}

function problem(check: Problem["check"], subject: string, means: string, mend: string): Problem {
  return { check, severity: "error", subject, means, mend };
}
