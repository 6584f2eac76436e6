/** What EC2's own dry runs say of the calls that a move, its upkeep and its fence need. */
import type { Examined } from "./examined.ts";
import { DEPLOY, type Problem, type Severity } from "./finding.ts";
import type { Group } from "./model.ts";
import type { Permission } from "./permission.ts";

/** EC2's codes for a security group that is not there, or not in the interface's VPC. */
const NO_GROUP: ReadonlySet<string> = new Set(["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"]);

export function permissionProblems({ situation: { group }, permissions }: Examined): readonly Problem[] {
  const of = (is: (permission: Permission) => boolean) => permissions.filter(is);
  return [
    ...byCall(of(({ verdict }) => verdict === "denied")).map(([call, some]) => denied(group, call, some)),
    ...byCall(of(({ unanswered }) => unanswered === true)).map(([call, some]) => unanswered(call, some)),
    ...noGroup(
      group,
      of(({ code }) => code !== undefined && NO_GROUP.has(code)),
    ),
  ];
}

/** What is denied is denied for a reason, and the reason is one for all that a call was asked on. */
function byCall(permissions: readonly Permission[]): readonly [string, readonly Permission[]][] {
  return [...new Set(permissions.map(({ call }) => call))].map((call) => [
    call,
    permissions.filter((permission) => permission.call === call),
  ]);
}

function denied(group: Group, call: string, some: readonly Permission[]): Problem {
  const means = `The role that moves the group may not ${call} (${some[0]?.code}): ${on(some)}.`;
  return {
    check: "permission-denied",
    severity: gravity(group, call),
    subject: `ec2:${call}`,
    means,
    mend: DEPLOY,
  };
}

/** Without upkeep, or a fence that comes after it, a group still moves. */
function gravity({ policy }: Group, call: string): Severity {
  if (call === "ModifyNetworkInterfaceAttribute") return "warning";
  return call === "StopInstances" && !policy.fenceFirst ? "warning" : "error";
}

function unanswered(call: string, some: readonly Permission[]): Problem {
  const means = `EC2 did not say whether the role may ${call} (${some[0]?.code}): ${on(some)}. Ask again.`;
  const mend = "npx sls invoke -f doctor";
  return { check: "permission-unproven", severity: "warning", subject: `ec2:${call}`, means, mend };
}

function noGroup({ policy: { fence } }: Group, some: readonly Permission[]): readonly Problem[] {
  const [first] = some;
  if (first === undefined || fence.kind !== "isolate") return [];
  const means = `The security group ${fence.securityGroup} does not exist in the VPC of ${on(some)} (${first.code}): a failed active can't be isolated. Make it, name it in failover.yml and deploy.`;
  const mend = "aws ec2 create-security-group --group-name quarantine --description quarantine --vpc-id VPC";
  return [{ check: "fence-group-missing", severity: "warning", subject: fence.securityGroup, means, mend }];
}

function on(some: readonly Permission[]): string {
  return some.map((one) => one.on).join(", ");
}
