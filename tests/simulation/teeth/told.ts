/** What is remembered, told and given back, taken out one piece at a time. */
import type { Change } from "./changes.ts";

export const TOLD: readonly Change[] = [
  {
    without: "what is remembered of moves",
    edits: [
      {
        file: "shared/core/record.ts",
        from: "    moves: remember(state.moves, past),",
        to: "    moves: state.moves,",
      },
    ],
  },
  {
    without: "the adoption of what somebody moved",
    edits: [
      {
        file: "shared/core/telling.ts",
        from: "if (now - last.at < ADOPT_AFTER_MS) return state;",
        to: "if (now - last.at < ADOPT_AFTER_MS * 1000) return state;",
      },
    ],
  },
  {
    without: "the rule that people are told once a change",
    edits: [
      {
        file: "shared/core/telling.ts",
        from: "if (same?.notifiedAt !== undefined) return undefined;",
        to: "",
      },
    ],
  },
  {
    without: "the rule that what comes back wakes nobody",
    edits: [
      {
        file: "shared/core/telling.ts",
        from: "const again = lately[because] !== undefined && now - since < LASTS_MS;",
        to: "const again = now < 0;",
      },
    ],
  },
  {
    without: "the outbox that waits for what is not delivered",
    edits: [
      {
        file: "shared/outbox.ts",
        from: "filter((key) => written && told.has(key))",
        to: "filter((key) => written || told.has(key))",
      },
    ],
  },
  {
    without: "the outbox that waits for what the bus has not taken",
    edits: [
      {
        file: "shared/outbox.ts",
        from: "const waiting = new Set(pending.filter((entry) => !lost.includes(entry)).map(([key]) => key));",
        to: "const waiting = new Set<string>();",
      },
    ],
  },
  {
    without: "what release gives back",
    edits: [
      {
        file: "shared/release.ts",
        from: "await setSecurityGroups(world, eni, groups);",
        to: "",
      },
    ],
  },
];
