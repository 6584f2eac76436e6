/**
 * The state of the EC2 model: one account in one Region. Operations and transitions are functions over it; it owns the
 * tables, the agenda, the journal's EC2 entries and every draw of chance.
 */
import type { Journal, JournalKind } from "../journal.ts";
import { hex, type Random } from "../random.ts";
import type { Place } from "../service.ts";
import { AddressPool } from "./addresses.ts";
import { Agenda } from "./agenda.ts";
import { type Behaviour, likelyBehaviour } from "./behaviour.ts";
import type { Condition, Stuck } from "./condition.ts";
import type { Instance, InstanceState, Interface, SecurityGroup, Subnet, Vpc } from "./entities.ts";
import { checkId, type IdKind, idKinds, notFound } from "./ids.ts";
import { asOf, type Entry, Table } from "./table.ts";
import { realTimings, type Timings } from "./timings.ts";

/** When something happens, and the journal's entry that it follows from. */
export interface Moment {
  readonly now: number;
  readonly cause: string | undefined;
}

/** What will happen by itself. Each says enough to see later whether it still applies. */
export type Transition =
  | { readonly kind: "attached"; readonly interface: string; readonly attachment: string }
  | {
      readonly kind: "detached";
      readonly interface: string;
      readonly attachment: string;
      readonly asked: number;
    }
  | { readonly kind: "released"; readonly interface: string; readonly attachment: string }
  | {
      readonly kind: "state";
      readonly instance: string;
      readonly to: InstanceState;
      readonly asked: number;
      readonly cause: string | undefined;
    }
  | {
      readonly kind: "reboot" | "rebooted";
      readonly instance: string;
      readonly asked: number;
      readonly cause: string | undefined;
    }
  | { readonly kind: "checks"; readonly instance: string }
  | {
      readonly kind: "scheduled";
      readonly instance: string;
      readonly event: string;
      readonly cause: string | undefined;
    }
  | { readonly kind: "forget-instance" | "forget-interface" | "expire-instance"; readonly id: string };

export interface StateChange {
  readonly at: number;
  readonly instance: string;
  readonly state: InstanceState;
  /** The journal's entry of this change. */
  readonly journal?: string;
}

export interface RegionOptions extends Place {
  readonly journal?: Journal | undefined;
  readonly timings?: Partial<Timings> | undefined;
  readonly behaviour?: Partial<Behaviour> | undefined;
  /** How often the status checks run, milliseconds; all that has to do with checks is counted in these periods. */
  readonly checkPeriodMs?: number | undefined;
}

export class Region {
  readonly account: string;
  readonly name: string;
  readonly random: Random;
  readonly timings: Timings;
  readonly behaviour: Behaviour;
  readonly checkPeriod: number;
  readonly instances: Table<Instance>;
  readonly interfaces: Table<Interface>;
  readonly vpcs: Table<Vpc>;
  readonly subnets: Table<Subnet>;
  readonly groups: Table<SecurityGroup>;
  readonly agenda = new Agenda<Transition>();
  readonly conditions = new Map<string, Condition>();
  readonly stuck = new Map<string, Stuck>();
  /** Attachment id → interface id, of every attachment that exists. */
  readonly attachments = new Map<string, string>();
  readonly pools = new Map<string, AddressPool>();
  /** Client token → what it was used for and the ids it made. */
  readonly tokens = new Map<string, { readonly request: string; readonly made: readonly string[] }>();
  readonly stateChanges: StateChange[] = [];
  /** No read is further behind than this, milliseconds. */
  readonly maxLag: number;
  readonly #journal: Journal | undefined;
  readonly #macs = new Set<string>();

  constructor(options: RegionOptions) {
    this.account = options.account;
    this.name = options.region;
    this.random = options.random;
    this.#journal = options.journal;
    this.timings = { ...realTimings, ...options.timings };
    this.behaviour = { ...likelyBehaviour, ...options.behaviour };
    this.checkPeriod = options.checkPeriodMs ?? 60_000;
    this.maxLag = Math.max(this.behaviour.lag.usual, this.behaviour.lag.slow);
    this.instances = new Table(this.maxLag);
    this.interfaces = new Table(this.maxLag);
    this.vpcs = new Table(this.maxLag);
    this.subnets = new Table(this.maxLag);
    this.groups = new Table(this.maxLag);
  }

  /** A new id of a kind; today's ids have 17 digits and begin with 0. */
  newId(prefix: string): string {
    return `${prefix}0${hex(this.random, 16)}`;
  }

  newMac(): string {
    for (;;) {
      const digits = hex(this.random, 10);
      const mac = `02:${digits.match(/../g)?.join(":") ?? ""}`;
      if (this.#macs.has(mac)) continue;
      this.#macs.add(mac);
      return mac;
    }
  }

  journal(
    kind: JournalKind,
    subject: string,
    moment: Moment,
    detail: Record<string, unknown>,
  ): string | undefined {
    return this.#journal?.add({ kind, subject, at: moment.now, cause: moment.cause, detail });
  }

  /** What a read of this entity answers at `now`: its state a drawn moment ago. */
  seen<T>(entry: Entry<T>, now: number): { readonly value: T | undefined; readonly at: number } {
    const at = now - this.#lag();
    return { value: asOf(entry, at), at };
  }

  #lag(): number {
    const { usual, slow, slowShare } = this.behaviour.lag;
    if (usual <= 0 && slow <= 0) return 0;
    return this.random() * (this.random() < slowShare ? slow : usual);
  }

  /** The instance as it is. Throws InvalidInstanceID.Malformed or .NotFound. */
  instance(id: string): Instance {
    return existing(this.instances, idKinds.instance, id);
  }

  /** The interface as it is. Throws InvalidNetworkInterfaceID.Malformed or .NotFound. */
  interface(id: string): Interface {
    return existing(this.interfaces, idKinds.interface, id);
  }

  subnet(id: string): Subnet {
    return existing(this.subnets, idKinds.subnet, id);
  }

  vpc(id: string): Vpc {
    return existing(this.vpcs, idKinds.vpc, id);
  }

  group(id: string): SecurityGroup {
    return existing(this.groups, idKinds.group, id);
  }

  /** The addresses of a subnet that exists. */
  pool(subnet: Subnet): AddressPool {
    let pool = this.pools.get(subnet.id);
    if (pool === undefined) {
      pool = new AddressPool(subnet.cidr);
      this.pools.set(subnet.id, pool);
    }
    return pool;
  }

  arn(type: string, id: string): string {
    return `arn:aws:ec2:${this.name}:${this.account}:${type}/${id}`;
  }
}

function existing<T>(table: Table<T>, kind: IdKind, id: string): T {
  const value = table.current(checkId(kind, id));
  if (value === undefined) throw notFound(kind, id);
  return value;
}
