/** From what the doctor has read to its findings. Pure: each check is a function from what was read to what is wrong. */
import type { ControllerExamined, Examined } from "./examined.ts";
import { type Finding, findingOf, type Problem } from "./finding.ts";
import { alarmProblems, namedIn, unmatched } from "./finding-alarms.ts";
import { controllerProblems } from "./finding-controller.ts";
import { interfaceProblems } from "./finding-interfaces.ts";
import { memberProblems } from "./finding-members.ts";
import { permissionProblems } from "./finding-permissions.ts";
import { probeProblems } from "./finding-probe.ts";
import { recordProblems } from "./finding-record.ts";

/** What would stop a failover of this group, or make it worse. */
export function findingsOf(examined: Examined): readonly Finding[] {
  const { group } = examined.situation;
  const problems: readonly Problem[] = [
    ...recordProblems(examined),
    ...interfaceProblems(examined),
    ...memberProblems(examined),
    ...group.members.flatMap(({ instance }) =>
      unmatched("member-unmatched", instance, "instance-id", examined.rules),
    ),
    ...alarmProblems(examined),
    ...permissionProblems(examined),
    ...probeProblems(examined),
  ];
  return problems.map((problem) => findingOf(group.name, problem));
}

/** What would make a failover of every group worse. */
export function controllerFindings(examined: ControllerExamined): readonly Finding[] {
  return controllerProblems(examined).map((problem) => findingOf(null, problem));
}

/** How much was looked at, in one sentence, so that no findings is an answer and not silence. */
export function checkedText(all: readonly Examined[], controller: boolean): string {
  const sum = (count: (one: Examined) => number) => all.reduce((total, one) => total + count(one), 0);
  const proven = sum(({ permissions }) => permissions.filter(({ verdict }) => verdict === "allowed").length);
  const unproven = sum(
    ({ permissions }) =>
      permissions.filter(({ verdict, unanswered }) => verdict === "unproven" && !unanswered).length,
  );
  const parts = [
    `${many(
      sum(({ situation }) => situation.group.interfaces.length),
      "interface",
    )}, ` +
      `${many(
        sum(({ situation }) => situation.group.members.length),
        "member",
      )} and ` +
      `${many(
        sum(({ situation }) => namedIn(situation.group).length),
        "alarm",
      )} of ${whose(all)}, with record and history`,
    `${many(proven, "call")} that a move needs, proven by EC2's DryRun under the role that moves`,
    ...(unproven === 0
      ? []
      : [
          `${many(unproven, "call")} that EC2 did not refuse for want of permission but for the state of things (an interface in use can't be attached), so that no more can be known`,
        ]),
    ...(controller ? ["the rules, the schedule, the table and the time limit of the controller"] : []),
  ];
  return `Checked: ${parts.join("; ")}.`;
}

/** The groups by name, as long as that can be read. */
function whose(all: readonly Examined[]): string {
  const names = all.map(({ situation }) => situation.group.name);
  return names.length > 5 ? `${names.length} groups` : names.join(", ");
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
