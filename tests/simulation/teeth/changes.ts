/**
 * What keeps the promises, taken out one piece at a time: each change is a text of the source and what stands in its
 * place. `npm run simulate:teeth` expects a batch to fail under each; `npm test` that each still applies.
 */
import { DECIDED } from "./decided.ts";
import { TOLD } from "./told.ts";

export interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

export interface Change {
  /** What is taken out. */
  readonly without: string;
  readonly edits: readonly Edit[];
}

const PROMISES: readonly Change[] = [
  {
    without: "the version condition of the claim",
    edits: [
      {
        file: "shared/store/difference.ts",
        from: 'return { text: "#version = :version", names: {}, values: { ":version": guard.version } };',
        to: 'return { text: "attribute_exists(#pk)", names: { "#pk": "pk" }, values: {} };',
      },
    ],
  },
  {
    without: "the pin of AttachmentIds in the intent",
    edits: [
      {
        file: "shared/core/steps.ts",
        from: "const ours = seen.attachmentId === scene.intent.sources[eni];",
        to: "const ours = true;",
      },
    ],
  },
  {
    without: "the standby check before the detach",
    edits: [
      {
        file: "shared/core/diagnose.ts",
        from: 'if (diagnosis.health !== "healthy") reasons.push(diagnosis.health);',
        to: 'if (diagnosis.health === "dead") reasons.push(diagnosis.health);',
      },
    ],
  },
  {
    without: "the budget",
    edits: [
      { file: "shared/core/decide.ts", from: "if (budget.left === 0) {", to: "if (budget.left < 0) {" },
      {
        file: "shared/core/decide.ts",
        from: "if (budgetLeft(state, group.policy, now).left === 0) return undefined;",
        to: "",
      },
    ],
  },
  {
    without: "the pause rule",
    edits: [{ file: "shared/core/decide.ts", from: "    paused(asked) ??\n", to: "" }],
  },
  {
    without: "the confirmation by fresh evidence",
    edits: [
      {
        file: "shared/core/carrying.ts",
        from: "return now - at >= EVIDENCE_LASTS_MS;",
        to: "return now < at - EVIDENCE_LASTS_MS;",
      },
      {
        file: "shared/sight.ts",
        from: "const isJudged = this.#judgedAt === this.#observation.at;",
        to: "const isJudged = true;",
      },
    ],
  },
  {
    without: "the restart detection of burned indexes",
    edits: [
      {
        file: "shared/core/indexes.ts",
        from: "burn.member === member && (details === undefined || details.launchedAt <= burn.launchedAt)",
        to: "burn.member === member",
      },
      {
        file: "shared/core/quarantine.ts",
        from: "return launchedAt <= quarantine.untilLaunchAfter;",
        to: "return true;",
      },
    ],
  },
  {
    without: "the rule that only a begun intent is finished",
    edits: [
      {
        file: "shared/core/first.ts",
        from: "if (intent === undefined || !hasBegun(group, intent, observation.interfaces)) return undefined;",
        to: "if (intent === undefined) return undefined;",
      },
    ],
  },
  {
    without: "the lease check before a step",
    edits: [
      {
        file: "shared/carry.ts",
        from: "if (this.#claim.renewalIsDue() && !(await this.#renew())) return this.#lost();",
        to: "",
      },
    ],
  },
  {
    without: "the rule that a muted alarm is no evidence",
    edits: [
      {
        file: "shared/core/health.ts",
        from: "if (alarm.suppressed || alarm.muted === true) return undefined;",
        to: "if (alarm.suppressed) return undefined;",
      },
    ],
  },
  {
    without: "the upkeep of DeleteOnTermination",
    edits: [
      {
        file: "shared/reconcile.ts",
        from: 'if (look.plan !== true && group.policy.mode === "act") await upkeep(situation, world);',
        to: "",
      },
    ],
  },
];

export const CHANGES: readonly Change[] = [...PROMISES, ...DECIDED, ...TOLD];
