/** What can be wrong with the controller itself: its table, its schedule, its time. */
import type { ControllerExamined } from "./examined.ts";
import { DEPLOY, type Problem, unread } from "./finding.ts";
import { AFTER_GRACE_SECONDS } from "./limits.ts";

/** The attribute of a history item by which it expires. */
const EXPIRES_BY = "ttl";

export function controllerProblems(examined: ControllerExamined): readonly Problem[] {
  return [...recovery(examined), ...expiry(examined), ...schedule(examined), ...timeLimit(examined)];
}

function recovery({ table, recovery: on }: ControllerExamined): readonly Problem[] {
  if (typeof on === "object") {
    return [unread("dynamodb:DescribeContinuousBackups", `whether ${table} can be restored`, on.unread)];
  }
  if (on) return [];
  const means = `Point-in-time recovery of ${table} is off: a record that is deleted or spoilt can't be brought back.`;
  const specification = "PointInTimeRecoveryEnabled=true";
  const mend = `aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification ${specification}`;
  return [{ check: "table-no-recovery", severity: "warning", subject: table, means, mend }];
}

function expiry({ table, expiry: by }: ControllerExamined): readonly Problem[] {
  if (typeof by === "object" && by !== null) {
    return [unread("dynamodb:DescribeTimeToLive", `whether the history in ${table} expires`, by.unread)];
  }
  if (by === EXPIRES_BY) return [];
  const how = by === null ? "is off" : `goes by ${by}, and not by ${EXPIRES_BY}`;
  const means = `The expiry of items of ${table} ${how}: the history grows for ever.`;
  const mend = `aws dynamodb update-time-to-live --table-name ${table} --time-to-live-specification "Enabled=true, AttributeName=${EXPIRES_BY}"`;
  return [{ check: "table-no-expiry", severity: "warning", subject: table, means, mend }];
}

/** Told here for the rules of all groups: they are read by one call. */
function schedule({ stack, rules }: ControllerExamined): readonly Problem[] {
  if ("unread" in rules) {
    return [unread("events:ListRules", "which events wake the controller", rules.unread)];
  }
  const name = `${stack}-sweep`;
  const rule = rules.find((one) => one.name === name);
  if (rule?.enabled === true) return [];
  const means = `The schedule ${name} ${rule === undefined ? "does not exist" : "is disabled"}: nobody looks at the groups unless an event comes, and what a crash leaves behind stays.`;
  const mend = rule === undefined ? DEPLOY : `aws events enable-rule --name ${name}`;
  return [{ check: "sweep-unscheduled", severity: "error", subject: name, means, mend }];
}

function timeLimit({ stack, limitSeconds, longestGrace }: ControllerExamined): readonly Problem[] {
  const needed = longestGrace.seconds + AFTER_GRACE_SECONDS;
  if (limitSeconds >= needed) return [];
  const means = `The functions may run for ${limitSeconds} s, and a move of ${longestGrace.group} may take ${needed} s (a grace of ${longestGrace.seconds} s, and ${AFTER_GRACE_SECONDS} s for the rest): it would be left to the next sweep in the middle. Set provider.timeout in serverless.yml to at least that and deploy.`;
  return [{ check: "time-limit", severity: "warning", subject: stack, means, mend: DEPLOY }];
}
