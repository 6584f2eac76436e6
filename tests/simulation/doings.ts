/** What others do in a run: things break, alarms flap, people move interfaces by hand, and give commands. */

import type { Breakage } from "../../local/ec2/ec2.ts";
import type { Config } from "../../shared/config.ts";
import type { Group } from "../../shared/core/model.ts";
import type { Report } from "../../shared/report.ts";
import type { World } from "../../shared/world.ts";
import type { BusEvent } from "./bus-events.ts";
import type { SimCloud } from "./cloud.ts";
import { Orders } from "./orders.ts";
import { makePlan } from "./plans.ts";
import { Rollouts } from "./rollout.ts";
import type { Mishap } from "./scenario.ts";
import { STRANGER } from "./scene.ts";
import type { Scheduler } from "./scheduler.ts";
import { suppressorOf } from "./suppression.ts";
import type { Trace, TraceEvent } from "./trace.ts";
import type { Truth } from "./truth.ts";

/** Starts an invocation of a Lambda. */
export type Invoke = (
  what: string,
  work: (world: World, tell: (report: Report) => void) => Promise<void>,
) => void;

interface Parts {
  readonly cloud: SimCloud;
  readonly config: Config;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly truth: Truth;
  readonly invoke: Invoke;
  readonly deliver: (event: BusEvent) => void;
}

type Of<Kind extends Mishap["kind"]> = Extract<Mishap, { kind: Kind }>;

const HAND_TRIES = 30;

export class Doings {
  readonly #parts: Parts;
  readonly #start: number;
  readonly #traps: Of<"trap">[] = [];
  readonly #rollouts: Rollouts;
  readonly #orders: Orders;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#start = parts.scheduler.now();
    this.#orders = new Orders(parts.config, parts.invoke);
    this.#rollouts = new Rollouts(parts.cloud, parts.scheduler);
  }

  happen(mishap: Mishap): void {
    if (mishap.kind === "trap") {
      this.#traps.push(mishap);
      return;
    }
    this.#note(mishap);
    const { cloud, scheduler, deliver, truth } = this.#parts;
    const now = scheduler.now();
    if (mishap.kind === "break") this.break(mishap.breakage);
    else if (mishap.kind === "alarm") cloud.alarms.report(mishap.alarm, mishap.on ? 1 : 0, now);
    else if (mishap.kind === "spot-notice") {
      truth.announced(mishap.instance, { at: now + 120_000, countsFrom: now }, now);
      deliver(cloud.spotNotice(mishap.instance, now));
    } else if (mishap.kind === "operator") this.#orders.operator(mishap);
    else if (mishap.kind === "hand-move") this.#handMove(mishap, 0);
    else if (mishap.kind === "give-back") this.#giveBack(mishap.group);
    else if (mishap.kind === "blind") cloud.blindnesses.begin(mishap, now);
    else if (mishap.kind === "mute") cloud.alarms.mute(mishap.alarm, mishap.minutes, now);
    else if (mishap.kind === "doom") this.#doom(mishap.eni);
    else if (mishap.kind === "acknowledge") this.#orders.acknowledge(mishap);
    else if (mishap.kind === "release") this.#orders.release(mishap);
    else if (mishap.kind === "drill") this.#orders.drill(mishap);
    else if (mishap.kind === "plan") makePlan(mishap, this.#parts);
    else if (mishap.kind === "suppress")
      cloud.alarms.report(suppressorOf(mishap.alarm), mishap.on ? 1 : 0, now);
    else if (mishap.kind === "rollout") this.#rollouts.begin(mishap);
    else if (mishap.kind === "pause") this.#orders.pause(mishap);
    else this.#orders.resume(mishap.group);
  }

  /** Springs the traps that wait for this call. */
  see(event: TraceEvent): void {
    if (event.kind !== "call" || event.error !== undefined || this.#traps.length === 0) return;
    const sprung = this.#traps.findIndex(
      (trap) => trap.group === event.group && trap.operation === event.operation,
    );
    const [trap] = sprung === -1 ? [] : this.#traps.splice(sprung, 1);
    if (trap === undefined) return;
    const { breakage } = trap;
    this.#parts.scheduler.after(trap.milliseconds, () => this.happen({ kind: "break", breakage }));
  }

  break(breakage: Breakage): void {
    const { cloud, scheduler, truth } = this.#parts;
    const absolute =
      breakage.kind === "schedule-event"
        ? { ...breakage, notBefore: this.#start + breakage.notBefore }
        : breakage;
    if (absolute.kind === "schedule-event")
      truth.announced(absolute.instance, { at: absolute.notBefore }, scheduler.now());
    try {
      cloud.ec2.break(absolute, scheduler.now());
    } catch {
      // What is terminated can't be stopped or healed: that mishap does not happen.
    }
  }

  /** Detaches by force, waits, attaches; gives up when somebody else is quicker, as a person would. */
  #handMove(mishap: Of<"hand-move">, tries: number): void {
    const { cloud, scheduler, truth } = this.#parts;
    const now = scheduler.now();
    const { eni, to } = mishap;
    const held = cloud.ec2.attachmentTruth(eni, now);
    if (held === undefined || held?.instanceId === to || tries > HAND_TRIES) return;
    const group = this.#group(mishap.group);
    const own = group.members.find(({ instance }) => instance === to)?.deviceIndexes[eni];
    const allowed = own ?? group.interfaces.find((one) => one.eni === eni)?.deviceIndexes;
    const deviceIndex = allowed?.[0] ?? 1;
    try {
      if (held !== null && tries === 0) {
        const input = { AttachmentId: held.id, Force: true };
        cloud.ec2.call("DetachNetworkInterface", input, now);
      } else if (held === null) {
        const input = { NetworkInterfaceId: eni, InstanceId: to, DeviceIndex: deviceIndex };
        cloud.ec2.call("AttachNetworkInterface", input, now);
        return;
      }
    } catch {
      // EC2 refuses: a person tries again for a while.
    }
    truth.look(now);
    scheduler.after(1_000, () => this.#handMove(mishap, tries + 1));
  }

  #doom(eni: string): void {
    const { cloud, scheduler } = this.#parts;
    const now = scheduler.now();
    const held = cloud.ec2.attachmentTruth(eni, now);
    if (held?.status !== "attached") return;
    const Attachment = { AttachmentId: held.id, DeleteOnTermination: true };
    cloud.ec2.call("ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: eni, Attachment }, now);
  }

  #giveBack(name: string): void {
    const { cloud, scheduler } = this.#parts;
    const now = scheduler.now();
    for (const { eni } of this.#group(name).interfaces) {
      const held = cloud.ec2.attachmentTruth(eni, now);
      if (held === null || held?.instanceId !== STRANGER || held.status !== "attached") continue;
      cloud.ec2.call("DetachNetworkInterface", { AttachmentId: held.id }, now);
    }
  }

  /** What has broken stays broken, but EC2 does as it is told, and nobody gives orders any more. */
  calm(): void {
    this.#traps.length = 0;
    const { cloud, scheduler } = this.#parts;
    const now = scheduler.now();
    cloud.blindnesses.end();
    cloud.bus.calm();
    this.#rollouts.calm(Object.keys(this.#parts.config.groups));
    for (const group of Object.values(this.#parts.config.groups)) {
      for (const { eni } of group.interfaces) this.break({ kind: "unstick-detach", interface: eni });
      for (const { instance } of group.members) {
        this.break({ kind: "slow-attach", instance, milliseconds: 1_000, times: 0 });
        this.break({ kind: "refuse-attach", instance, code: "None", times: 0 });
      }
      this.#orders.resume(group.name);
      // An alarm that a drill has set, and that ignores what it does not hear, hears that all is well.
      for (const alarm of [...group.alarms, ...group.members.flatMap((member) => member.alarms)]) {
        if (cloud.alarms.isDrilled(alarm)) cloud.alarms.report(alarm, 0, now);
      }
    }
    for (const alarm of cloud.alarms.composites) cloud.alarms.report(suppressorOf(alarm), 0, now);
  }

  #note(mishap: Mishap): void {
    const what = Object.values(mishap).map((part) =>
      typeof part === "object" ? JSON.stringify(part) : part,
    );
    const at = this.#parts.scheduler.now();
    this.#parts.trace.add({ kind: "breakage", at, by: "world", what: what.join(" "), instance: undefined });
  }

  #group(name: string): Group {
    const group = this.#parts.config.groups[name];
    if (group === undefined) throw new Error(`There is no group ${name}`);
    return group;
  }
}
