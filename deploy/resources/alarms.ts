/**
 * Alarms on the checks of every member. Nobody subscribes to them: CloudWatch tells EventBridge of every transition, and
 * the rule on alarms carries it from there.
 */

import { alarmedChecks, type Check, checkAlarm } from "../../shared/config/check-alarms.ts";
import type { Config } from "../../shared/config.ts";
import type { Group, Member } from "../../shared/core/model.ts";
import type { Place, Resource, Resources } from "./template.ts";

/** Status checks report once a minute. Source: EC2 user guide, "Status checks for your instances". */
const CHECK_SECONDS = 60;

/** The metric of each check, and how it is spoken of. */
const CHECKS: Readonly<Record<Check, { readonly metric: string; readonly what: string }>> = {
  status: { metric: "StatusCheckFailed", what: "Status checks" },
  ebs: { metric: "StatusCheckFailed_AttachedEBS", what: "Check of the attached EBS volumes" },
  application: { metric: "StatusCheckFailed_Application", what: "Application check" },
};

/** The alarms on the checks of all members, by logical id; none where the configuration switches them off. */
export function statusAlarms(config: Config, place: Place): Resources {
  const alarms: Record<string, Resource> = {};
  for (const group of Object.values(config.groups)) {
    for (const member of group.members) {
      for (const check of alarmedChecks(config.statusAlarm)) {
        const id = logicalId(check, group, member);
        if (id in alarms) throw new Error(`two alarms would be called ${id}: rename group ${group.name}`);
        alarms[id] = alarm(config, place, group, member, check);
      }
    }
  }
  return alarms;
}

function alarm(config: Config, place: Place, group: Group, member: Member, check: Check): Resource {
  const { metric, what } = CHECKS[check];
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: checkAlarm(place.stack, group.name, member.instance, check),
      AlarmDescription: `${what} of ${member.instance}, member of group ${group.name}. In ALARM the controller takes it for failing.`,
      Namespace: "AWS/EC2",
      MetricName: metric,
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
function logicalId(check: Check, group: Group, member: Member): string {
  const kind = check[0]?.toUpperCase() + check.slice(1);
  return `${kind}Alarm${group.name.replaceAll("-", "Dash")}${member.instance.replace("-", "")}`;
}
