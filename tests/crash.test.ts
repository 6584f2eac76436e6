/**
 * Crash at every step: every call that an invocation makes, killed before it and after it. None is sampled. Sweeps
 * then have to bring the group to rest, with one move made and told of.
 */
import { describe, expect, it } from "vitest";
import { afterCrash, callsOf } from "./enumeration/crash.ts";
import { STORIES } from "./enumeration/stories.ts";

describe("an invocation that is killed", () => {
  it.each(STORIES.map((story) => [story.name, story] as const))(
    "at any call is followed by a sweep that finishes: %s",
    async (_, story) => {
      const calls = await callsOf(story);
      const wrong: string[] = [];
      for (let call = 1; call <= calls; call += 1) {
        for (const after of [false, true]) {
          const { wrong: found } = await afterCrash(story, { call, after });
          wrong.push(...found.map((what) => `killed ${after ? "after" : "before"} call ${call}: ${what}`));
        }
      }
      console.log(`${story.name}: ${calls * 2} crashes`);
      expect(wrong).toEqual([]);
    },
  );
});
