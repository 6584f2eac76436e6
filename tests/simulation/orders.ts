/** The commands that people give in a run, each an invocation of its Lambda. A refusal is an answer. */
import { command } from "../../shared/command.ts";
import type { Config } from "../../shared/config.ts";
import { acknowledge, type Commanded, pause, resume } from "../../shared/core/commands.ts";
import type { Group, State } from "../../shared/core/model.ts";
import type { Back, SwitchBack } from "../../shared/drill/back.ts";
import { drill } from "../../shared/drill.ts";
import { reconcile } from "../../shared/reconcile.ts";
import { release } from "../../shared/release.ts";
import { Refused, type Report } from "../../shared/report.ts";
import { parseFailoverRequest } from "../../shared/requests.ts";
import type { World } from "../../shared/world.ts";
import type { Invoke } from "./doings.ts";
import type { Mishap } from "./scenario.ts";

/** What the Lambda `failover` does with its input. */
export function failover(input: object, config: Config, world: World): Promise<Report> {
  const { group, to, force, plan, planId, by, reason } = parseFailoverRequest(input, config);
  const request = {
    force,
    by,
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
  };
  const carried = planId === undefined ? {} : { planId };
  const look = { trigger: "operator", request, plan, historyDays: config.historyDays, ...carried };
  return reconcile(group, look, world);
}

type Order<Kind extends Mishap["kind"]> = Extract<Mishap, { kind: Kind }>;

export class Orders {
  readonly #config: Config;
  readonly #invoke: Invoke;

  constructor(config: Config, invoke: Invoke) {
    this.#config = config;
    this.#invoke = invoke;
  }

  resume(group: string): void {
    this.#command(group, "resume", (state, now) => resume(state, { by: "operator" }, now));
  }

  pause({ group, seconds }: Order<"pause">): void {
    const asking = { by: "operator", ...(seconds === undefined ? {} : { seconds }) };
    this.#command(group, "pause", (state, now) => pause(state, asking, now));
  }

  acknowledge({ group: name, member, budget }: Order<"acknowledge">): void {
    const asking = { by: "operator", member, budget };
    this.#command(name, "acknowledge", (state, now) => acknowledge(state, this.#group(name), asking, now));
  }

  release({ group: name, member, force }: Order<"release">): void {
    const asked = { group: this.#group(name), by: "operator", member, force };
    this.#invoke("release", async (world) => {
      await release(asked, this.#config, world).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
      });
    });
  }

  drill({ group: name, andBack, alarm }: Order<"drill">): void {
    const group = this.#group(name);
    const asked = { group, by: "operator", plan: false, andBack, ...(alarm === undefined ? {} : { alarm }) };
    this.#invoke("drill", async (world, tell) => {
      const tools = { back: (input: SwitchBack) => this.#switchBack(group, input), tell };
      await drill(asked, this.#config, world, tools).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
      });
    });
  }

  /** An invocation that is killed never answers. */
  #switchBack(group: Group, { to, by, reason }: SwitchBack): Promise<Back> {
    return new Promise((resolve, reject) => {
      this.#invoke("failover", async (world, tell) => {
        const asked = { group: group.name, to, by, reason };
        const report = await failover(asked, this.#config, world).catch((error: unknown) => {
          reject(error);
          throw error;
        });
        tell(report);
        resolve({ ...report });
      });
    });
  }

  #command(name: string, what: string, apply: (state: State, now: number) => Commanded): void {
    const group = this.#group(name);
    this.#invoke(what, async (world) => {
      await command(group, this.#config, world, apply);
    });
  }

  operator({ kind: _, ...asked }: Order<"operator">): void {
    const what = asked.to === undefined ? "failover to the best" : `failover to ${asked.to}`;
    this.#invoke(what, async (world, tell) => {
      tell(await failover(asked, this.#config, world));
    });
  }

  #group(name: string): Group {
    const group = this.#config.groups[name];
    if (group === undefined) throw new Error(`There is no group ${name}`);
    return group;
  }
}
