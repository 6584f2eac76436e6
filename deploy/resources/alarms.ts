/**
 * One alarm on the status checks of every member. Nobody subscribes to it: CloudWatch tells EventBridge of every
 * transition, and the rule on alarms carries it from there.
 */
import type { Config } from "../../shared/config.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import type { Resource, Resources } from "./template.ts";

/** Status checks report once a minute. Source: EC2 user guide, "Status checks for your instances". */
const CHECK_SECONDS = 60;

/** The status-check alarms of all groups; none where the configuration switches them off. */
export function statusAlarms(config: Config): Resources {
  const alarms: Record<string, Resource> = {};
  for (const group of Object.values(config.groups)) {
    for (const member of group.members) {
      if (member.statusAlarm === undefined) continue;
      const id = logicalId(group, member);
      if (id in alarms)
        throw new Error(`two status alarms would be called ${id}: rename group ${group.name}`);
      alarms[id] = statusAlarm(config, group, member, member.statusAlarm);
    }
  }
  return alarms;
}

function statusAlarm(config: Config, group: Group, member: Member, name: string): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: name,
      AlarmDescription: `Status checks of ${member.instance}, member of group ${group.name}. In ALARM the controller takes it for failing.`,
      Namespace: "AWS/EC2",
      MetricName: "StatusCheckFailed",
      Dimensions: [{ Name: "InstanceId", Value: member.instance }],
      Statistic: "Maximum",
      Period: CHECK_SECONDS,
      EvaluationPeriods: config.statusAlarm.of,
      DatapointsToAlarm: config.statusAlarm.periods,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      // A stopped instance has no status checks. That is no evidence of failing: its state says what it is.
      TreatMissingData: "missing",
    },
  };
}

/** Logical ids are letters and digits only. */
function logicalId(group: Group, member: Member): string {
  return `StatusAlarm${group.name.replaceAll("-", "Dash")}${member.instance.replace("-", "")}`;
}
