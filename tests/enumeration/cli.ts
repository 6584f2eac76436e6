/**
 * `npm run enumerate [-- --switches 3 --runs 20000 --seeds 500]`: what is too long for `npm test`.
 *
 * - crash after crash: the invocation is killed at every call, and the sweep that takes over at every call too;
 * - two and three invocations in all orders with so many cuts, one of them after a freeze longer than the lease;
 * - drawn orders without any bound.
 */
import { parseArgs } from "node:util";
import { seeded } from "../../local/random.ts";
import { afterCrash, callsOf } from "./crash.ts";
import type { Scene } from "./interleave.ts";
import { drawn, interleave } from "./interleave.ts";
import { THREE, TWO } from "./scenes.ts";
import { STORIES } from "./stories.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    switches: { type: "string", default: "3" },
    runs: { type: "string", default: "20000" },
    seeds: { type: "string", default: "500" },
  },
});

let failed = 0;
if (values.only !== "writers") await crashes();
if (values.only !== "crashes") {
  for (const scene of TWO) await orders(scene, Number(values.switches));
  for (const scene of THREE) await orders(scene, Number(values.switches) - 1);
  for (const scene of [...TWO, ...THREE]) await draws(scene, Number(values.seeds));
}
console.log(failed === 0 ? "all is well" : `${failed} are wrong`);
if (failed > 0) process.exitCode = 1;

async function crashes(): Promise<void> {
  for (const story of STORIES) {
    const calls = await callsOf(story);
    let scenes = 0;
    for (let call = 1; call <= calls; call += 1) {
      for (const after of [false, true]) {
        const first = { call, after };
        note((await afterCrash(story, first)).wrong, `killed ${after ? "after" : "before"} call ${call}`);
        scenes += 1 + (await second(story, first));
      }
    }
    console.log(`${story.name}: ${scenes} crashes, one and two in a row`);
  }
}

/** The sweep that takes over is killed too. */
async function second(
  story: (typeof STORIES)[number],
  first: { call: number; after: boolean },
): Promise<number> {
  let scenes = 0;
  for (let call = 1; ; call += 1) {
    for (const after of [false, true]) {
      const { wrong, calls } = await afterCrash(story, first, { call, after });
      if (calls < call) return scenes;
      note(wrong, `killed at call ${first.call}, the sweep ${after ? "after" : "before"} call ${call}`);
      scenes += 1;
    }
  }
}

async function orders(scene: Scene, switches: number): Promise<void> {
  const began = performance.now();
  const explored = await interleave(scene, {
    switches,
    freezes: 1,
    anyOrder: false,
    runs: Number(values.runs),
    progress: ({ runs, ends, states }) => console.log(`  ${runs} runs, ${states} states, ${ends} ends`),
  });
  const { runs, states, ends, complete, wrong } = explored;
  const how = complete ? "all orders" : "not all orders";
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `${scene.name}: ${how} with ${switches} cuts, ${runs} runs, ${states} states, ${ends} ends (${seconds} s)`,
  );
  note(wrong, "");
}

async function draws(scene: Scene, seeds: number): Promise<void> {
  const base = Math.floor(Math.random() * 1_000_000_000);
  for (let seed = base; seed < base + seeds; seed += 1) {
    note(
      await drawn(scene, { freezes: 1, anyOrder: true, switches: Number.POSITIVE_INFINITY }, seeded(seed)),
      `seed ${seed}`,
    );
  }
  console.log(`${scene.name}: ${seeds} drawn orders, from seed ${base}`);
}

function note(wrong: readonly string[], where: string): void {
  if (wrong.length === 0) return;
  failed += 1;
  for (const what of wrong) console.log(`WRONG ${where}: ${what}`);
}
