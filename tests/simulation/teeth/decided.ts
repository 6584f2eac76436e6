/** What decides and limits a move, taken out one piece at a time. */
import type { Change } from "./changes.ts";

export const DECIDED: readonly Change[] = [
  {
    without: "the cooldown",
    edits: [
      {
        file: "shared/core/decide.ts",
        from: "if (cooldown !== undefined) {",
        to: "if (cooldown === Number.NaN) {",
      },
      {
        file: "shared/core/decide.ts",
        from: "if (cooldownUntil(state, group.policy, now) !== undefined) return undefined;",
        to: "",
      },
    ],
  },
  {
    without: "the number of witnesses",
    edits: [
      {
        file: "shared/core/diagnose.ts",
        from: "health: healthOf(evidence, group.policy.witnesses),",
        to: "health: healthOf(evidence, 1),",
      },
    ],
  },
  {
    without: "the time that a check must have failed",
    edits: [
      {
        file: "shared/core/health.ts",
        from: "at - since >= impairedSeconds * 1000",
        to: "at - since >= 0 * impairedSeconds",
      },
    ],
  },
  {
    without: "the rule that what is unknown is no reason to move",
    edits: [
      {
        file: "shared/core/decide.ts",
        from: 'if (active.health === "unknown") return activeUnknown(situation, active);',
        to: "",
      },
    ],
  },
  {
    without: "the rule that the dead are held by no limit",
    edits: [
      {
        file: "shared/core/decide.ts",
        from: 'if (active.health === "dead") return failoverOff(situation, active);',
        to: 'if (active.health === "dead") return activeFailing(situation, active);',
      },
    ],
  },
  {
    without: "the order of preference",
    edits: [
      {
        file: "shared/core/candidates.ts",
        from: "return eligible.find((member) => member.leaving === undefined) ?? eligible[0];",
        to: "return eligible.findLast((member) => member.leaving === undefined) ?? eligible[0];",
      },
    ],
  },
  {
    without: "quarantine",
    edits: [
      {
        file: "shared/core/diagnose.ts",
        from: "seen?.details?.launchedAt) && !mayHaveEnded)",
        to: "seen?.details?.launchedAt) && !mayHaveEnded && state.epoch < 0)",
      },
    ],
  },
  {
    without: "the rule that isolated members are not chosen",
    edits: [
      {
        file: "shared/core/diagnose.ts",
        from: 'if (state.isolated[member.name] !== undefined) reasons.push("isolated");',
        to: "",
      },
    ],
  },
  {
    without: "the rule that a repeated command does not toggle",
    edits: [
      {
        file: "shared/core/operator.ts",
        from: "if (cooldown === undefined || request.force)",
        to: "if (cooldown !== Number.NaN || request.force)",
      },
    ],
  },
  {
    without: "the wait before a failback",
    edits: [
      {
        file: "shared/core/decide.ts",
        from: "now - since >= group.policy.failbackAfterSeconds * 1000",
        to: "now - since >= 0",
      },
    ],
  },
  {
    without: "the end of a pause",
    edits: [
      {
        file: "shared/core/first.ts",
        from: "pause.until <= now ? undefined : pause;",
        to: "pause.until <= 0 ? undefined : pause;",
      },
    ],
  },
  {
    without: "the grace",
    edits: [
      {
        file: "shared/core/steps.ts",
        from: 'return holder.unreachable ? "at-once" : "after-grace";',
        to: 'return "at-once";',
      },
    ],
  },
  {
    without: "fencing",
    edits: [
      {
        file: "shared/core/fencing.ts",
        from: 'if (fence === undefined || old === undefined || from === to) return { kind: "none" };',
        to: 'if (fence?.first !== true || old === undefined || from === to) return { kind: "none" };',
      },
    ],
  },
  {
    without: "the rule that what can't be read is not failing",
    edits: [
      {
        file: "shared/core/health.ts",
        from: 'return [fact("instance-state", "unknown", `could not be read',
        to: 'return [fact("instance-state", "failing", `could not be read',
      },
    ],
  },
  {
    without: "the rule that what can't be read is not well",
    edits: [
      {
        file: "shared/core/health.ts",
        from: 'return [fact("instance-state", "unknown", `could not be read',
        to: 'return [fact("instance-state", "healthy", `could not be read',
      },
      {
        file: "shared/core/diagnose.ts",
        from: 'instance.read === "failed") reasons.push("unread");',
        to: 'instance.read === "failed") {}',
      },
    ],
  },
  {
    without: "the rules on what may be left without the table",
    edits: [
      {
        file: "shared/core/without.ts",
        from: "if (doubtful !== undefined) return",
        to: "if (doubtful !== undefined && now < 0) return",
      },
      {
        file: "shared/core/without.ts",
        from: "return holder !== undefined && isPast(holder, observation);",
        to: "return holder !== undefined;",
      },
    ],
  },
  {
    without: "the rule that a suppressed alarm is no evidence",
    edits: [
      {
        file: "shared/core/health.ts",
        from: "if (alarm.suppressed || alarm.muted === true) return undefined;",
        to: "if (alarm.muted === true) return undefined;",
      },
    ],
  },
  {
    without: "the device indexes that others hold",
    edits: [
      {
        file: "shared/core/indexes.ts",
        from: "!taken.has(index) &&",
        to: "index >= 0 &&",
      },
    ],
  },
  {
    without: "the comparison of a plan with what would be done now",
    edits: [
      {
        file: "shared/plan/id.ts",
        from: "if (changes.length === 0) return decision;",
        to: "if (changes.length >= 0) return decision;",
      },
    ],
  },
  {
    without: "the rule that a newer version's record is left alone",
    edits: [
      { file: "shared/core/decide.ts", from: "    newerRecord(situation) ??\n", to: "" },
      {
        file: "shared/store/write.ts",
        from: "if (before.schema > SCHEMA || after.schema > SCHEMA) {",
        to: "if (SCHEMA < 0) {",
      },
    ],
  },
  {
    without: "what EC2 says of a scheduled event that is over",
    edits: [
      {
        file: "shared/observe/status.ts",
        from: "if (OVER.some((word) => Description.startsWith(word))) return [];",
        to: "if (OVER.some((word) => Description === word)) return [];",
      },
    ],
  },
  {
    without: "the patience with a code by which EC2 may say that the interface is in use",
    edits: [
      { file: "shared/core/progress.ts", from: "AMBIGUOUS_REPEATS = 6;", to: "AMBIGUOUS_REPEATS = 1;" },
    ],
  },
];
