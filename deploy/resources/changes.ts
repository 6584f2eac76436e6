/**
 * The statements that allow changes to EC2: on the interfaces and members that the configuration names, in two forms.
 *
 * `exact` names each by ARN. A large configuration has more than a role takes: then the ids go into conditions on
 * `ec2:NetworkInterfaceID` and `ec2:InstanceID`. What is allowed is the same but for one thing: an interface of a
 * group may then be taken off any instance, since a detach must not rest on what EC2 still knows of a dying one. No
 * condition rests on tags, for the same reason.
 */
import type { Config } from "../../shared/config.ts";
import type { Fence } from "../../shared/core/model.ts";
import { conditioned, type Statement } from "./policies.ts";
import { instanceIds } from "./rules.ts";
import { arn, distinct } from "./template.ts";

export interface Changes {
  readonly exact: readonly Statement[];
  readonly many: readonly Statement[];
}

const [ATTACH, DETACH, MODIFY] = [
  "ec2:AttachNetworkInterface",
  "ec2:DetachNetworkInterface",
  "ec2:ModifyNetworkInterfaceAttribute",
] as const;
const STOP = "ec2:StopInstances";

/** What moving and fencing take. EC2 asks for both ARNs of an attach and a detach: the interface's and the instance's. */
export function moves(config: Config): Changes {
  const stopped = membersFencedBy(config, "stop");
  const others = instanceIds(config).filter((id) => !stopped.includes(id));
  const isolating = isolates(config) ? [isolate([])] : [];
  return {
    exact: [
      {
        Sid: "Move",
        Effect: "Allow",
        Action: [ATTACH, DETACH, MODIFY],
        Resource: [...interfaceIds(config).map(interfaceArn), ...instanceIds(config).map(instanceArn)],
      },
      ...(stopped.length > 0
        ? [{ Sid: "Stop", Effect: "Allow", Action: [STOP], Resource: stopped.map(instanceArn) } as const]
        : []),
      ...isolating,
    ],
    many: [
      ...conditioned("Move", [ATTACH, DETACH, MODIFY], "network-interface", interfaceIds(config)),
      ...conditioned("Members", [ATTACH], "instance", others),
      ...conditioned("Fenced", [ATTACH, STOP], "instance", stopped),
      { Sid: "Leave", Effect: "Allow", Action: [DETACH, MODIFY], Resource: [instanceArn("*")] },
      ...isolating,
    ],
  };
}

/** What giving security groups back takes: nothing, unless a group isolates. */
export function releases(config: Config): Changes {
  const members = membersFencedBy(config, "isolate");
  if (members.length === 0) return { exact: [], many: [] };
  return {
    exact: [isolate(members.map(instanceArn))],
    many: [isolate([]), ...conditioned("Members", [MODIFY], "instance", members)],
  };
}

/**
 * To take security groups off a member's other interfaces, and to give them back. Which interfaces a member has besides
 * the group's is not configured, nor which security groups they bear.
 */
const isolate = (members: readonly unknown[]): Statement => ({
  Sid: "Isolate",
  Effect: "Allow",
  Action: [MODIFY],
  Resource: [interfaceArn("*"), arn("ec2", "security-group/*"), ...members],
});

const isolates = (config: Config) => membersFencedBy(config, "isolate").length > 0;

const instanceArn = (instance: string) => arn("ec2", `instance/${instance}`);
const interfaceArn = (eni: string) => arn("ec2", `network-interface/${eni}`);

function membersFencedBy(config: Config, kind: Fence["kind"]): string[] {
  const groups = Object.values(config.groups).filter(({ policy }) => policy.fence.kind === kind);
  return distinct(groups.flatMap(({ members }) => members.map(({ instance }) => instance)));
}

function interfaceIds(config: Config): string[] {
  return distinct(Object.values(config.groups).flatMap(({ interfaces }) => interfaces.map(({ eni }) => eni)));
}
