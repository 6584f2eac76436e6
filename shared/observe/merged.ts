/**
 * The reads of many looks in one invocation, put together: what several of them ask for at about the same time is one call,
 * and each is answered what it asked for. EC2 and CloudWatch count calls, and not what they are about.
 *
 * It is still each group's own observation, of that moment. A call that fails does not say whom it failed for: then each
 * is sent alone, as if nothing had been put together. Only a throttle is everybody's.
 */
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
} from "@aws-sdk/client-ec2";
import { failureOf, isThrottle } from "../errors.ts";
import type { World } from "../world.ts";
import { NAMES } from "./alarms.ts";
import { IDS } from "./apart.ts";
import { FILTER_VALUES } from "./interfaces.ts";

/** So long a read waits for others: a look takes a little longer, and fifty looks ask as often as four. */
const WINDOW_MS = 250;

type Fields = Readonly<Record<string, unknown>>;
type Keys = readonly string[];

/** How a read names what it is about, and how its answer does. */
interface Kind {
  /** How many keys one call takes. */
  readonly most: number;
  /** Undefined: of this form it is not put together with others. */
  readonly keysOf: (input: Fields) => Keys | undefined;
  readonly about: (input: Fields, keys: Keys) => Fields;
  /** What of the answer is about these keys. */
  readonly only: (answer: Fields, keys: ReadonlySet<unknown>) => Fields;
}

function byField(field: string, most: number, only: Kind["only"]): Kind {
  return {
    most,
    keysOf: (input) => (input.NextToken === undefined ? (input[field] as Keys | undefined) : undefined),
    about: (input, keys) => ({ ...input, [field]: keys }),
    only,
  };
}

/** The items of a list of the answer whose `id` is one of the keys. */
function itemsOf(answer: Fields, list: string, id: string, keys: ReadonlySet<unknown>): Fields {
  const items = answer[list] as readonly Fields[] | undefined;
  return items === undefined ? {} : { [list]: items.filter((item) => keys.has(item[id])) };
}

const BY_ID = "network-interface-id";
const ALARM_LISTS = ["MetricAlarms", "CompositeAlarms", "LogAlarms"];

const KINDS = new Map<unknown, Kind>([
  [
    DescribeNetworkInterfacesCommand,
    {
      most: FILTER_VALUES,
      keysOf: ({ Filters, NextToken }) => {
        const [filter, ...more] = (Filters ?? []) as { Name?: string; Values?: Keys }[];
        const plain = filter?.Name === BY_ID && more.length === 0 && NextToken === undefined;
        return plain ? filter.Values : undefined;
      },
      about: (input, Values) => ({ ...input, Filters: [{ Name: BY_ID, Values }] }),
      only: (answer, keys) => itemsOf(answer, "NetworkInterfaces", "NetworkInterfaceId", keys),
    },
  ],
  [
    DescribeInstanceStatusCommand,
    byField("InstanceIds", IDS, (answer, keys) => itemsOf(answer, "InstanceStatuses", "InstanceId", keys)),
  ],
  [
    DescribeInstancesCommand,
    byField("InstanceIds", IDS, ({ Reservations = [] }, keys) => ({
      Reservations: (Reservations as Fields[]).map((one) => itemsOf(one, "Instances", "InstanceId", keys)),
    })),
  ],
  [
    DescribeAlarmsCommand,
    byField("AlarmNames", NAMES, (answer, keys) =>
      Object.assign({}, ...ALARM_LISTS.map((list) => itemsOf(answer, list, "AlarmName", keys))),
    ),
  ],
]);

interface Command {
  readonly input: Fields;
}
type Send = (command: Command, options: object) => Promise<Fields>;

/** One read that waits for others. */
interface Waiting {
  readonly command: Command;
  readonly options: object;
  readonly keys: Keys;
  readonly resolve: (answer: Fields | Promise<Fields>) => void;
  readonly reject: (error: unknown) => void;
}

/** So few looks read each for themselves, and nobody waits. */
const FEW = 2;

/** The world for so many looks side by side. */
export function worldFor(looks: number, world: World): World {
  return looks > FEW ? withMergedReads(world) : world;
}

/** The same world, in which reads wait a moment for others like them. For many looks side by side; one alone only waits. */
export function withMergedReads(world: World): World {
  const ec2 = new Merger(world, world.ec2.send.bind(world.ec2) as unknown as Send);
  const cloudwatch = new Merger(world, world.cloudwatch.send.bind(world.cloudwatch) as unknown as Send);
  return { ...world, ec2: { send: ec2.send as never }, cloudwatch: { send: cloudwatch.send as never } };
}

class Merger {
  readonly #world: World;
  readonly #send: Send;
  /** By what has to be the same: the operation, and all of its input but the keys. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(world: World, send: Send) {
    this.#world = world;
    this.#send = send;
  }

  readonly send: Send = (command, options = {}) => {
    const kind = KINDS.get(command.constructor);
    const keys = kind?.keysOf(command.input);
    if (kind === undefined || keys === undefined) return this.#send(command, options);
    const same = `${command.constructor.name} ${JSON.stringify(kind.about(command.input, []))}`;
    return new Promise((resolve, reject) => {
      const one = { command, options, keys, resolve, reject };
      const others = this.#waiting.get(same);
      if (others !== undefined) others.push(one);
      else {
        this.#waiting.set(same, [one]);
        void this.#world.clock.sleep(WINDOW_MS).then(() => this.#flush(same, kind));
      }
    });
  };

  #flush(same: string, kind: Kind): void {
    const waiting = this.#waiting.get(same) ?? [];
    this.#waiting.delete(same);
    let some: Waiting[] = [];
    const keys = new Set<string>();
    for (const one of waiting) {
      const more = one.keys.filter((key) => !keys.has(key));
      if (some.length > 0 && keys.size + more.length > kind.most) {
        void this.#together(some, kind);
        some = [];
        keys.clear();
      }
      some.push(one);
      for (const key of one.keys) keys.add(key);
    }
    if (some.length > 0) void this.#together(some, kind);
  }

  async #together(some: readonly Waiting[], kind: Kind): Promise<void> {
    const [first] = some;
    if (first === undefined) return;
    if (some.length === 1) return this.#alone(some);
    const keys = [...new Set(some.flatMap((one) => one.keys))];
    const { input, constructor: Same } = first.command;
    const command = new (Same as new (input: Fields) => Command)(kind.about(input, keys));
    try {
      const answer = await this.#send(command, first.options);
      // An answer on several pages is nobody's yet.
      if (answer.NextToken !== undefined && answer.NextToken !== "") return this.#alone(some);
      for (const one of some) one.resolve(kind.only(answer, new Set(one.keys)));
    } catch (error) {
      if (!isThrottle(failureOf(error, "read").code)) return this.#alone(some);
      for (const one of some) one.reject(error);
    }
  }

  #alone(some: readonly Waiting[]): void {
    for (const { command, options, resolve } of some) resolve(this.#send(command, options));
  }
}
