/**
 * A group in the embedded cloud's models, in virtual time, for the doctor to look at: sound, unless a test makes it
 * otherwise by calls that anybody may make, or by denying the controller's role some.
 */
import type { Config } from "../shared/config.ts";
import type { Finding } from "../shared/core/finding.ts";
import type { Group, Member } from "../shared/core/model.ts";
import {
  type DailyExamination,
  dailyDoctor,
  doctor,
  type Examination,
  type Practice,
} from "../shared/doctor.ts";
import { reconcile } from "../shared/reconcile.ts";
import type { World } from "../shared/world.ts";
import { FIRST, groupOf, SECOND_MEMBER as SECOND } from "./enumeration/groups.ts";
import { MINUTE, Stage } from "./enumeration/stage.ts";
import type { Execute } from "./simulation/invocation.ts";
import { STACK, type StackRules, stackRules } from "./stack-rules.ts";

export { FIRST, SECOND };
export const ENI = "eni-0a100000000000000";

/** `ec2:AttachNetworkInterface`, and whatever of its input decides. */
type Refusal = (call: string, input: Readonly<Record<string, unknown>>) => string | undefined;

const statusAlarmOf = (instance: string) => `${STACK}-nat-a-${instance}-status`;

/** Two members with two alarms each, and one interface. */
export function watchedGroup(more: Parameters<typeof groupOf>[0] = {}): Group {
  const group = groupOf(more);
  const watched = (member: Member) => ({ ...member, statusAlarm: statusAlarmOf(member.instance) });
  return { ...group, members: group.members.map(watched) };
}

export class Clinic {
  readonly stage: Stage;
  rules: StackRules;
  config: Config;
  /** Answers AWS's code for what the role may not do. */
  refuses: Refusal = () => undefined;
  /** How long the functions may run. */
  limitSeconds = 300;

  private constructor(group: Group) {
    this.stage = new Stage(group);
    this.config = this.stage.config;
    this.rules = stackRules(this.config);
    const { cloud } = this.stage;
    const { execute } = cloud;
    const judged: Execute = (service, command, by) => {
      const operation = command.constructor.name.replace(/Command$/, "");
      const call = `${service === "eventbridge" ? "events" : service}:${operation}`;
      const code = this.refuses(call, command.input as Record<string, unknown>);
      if (code !== undefined) throw refusal(code);
      return operation === "ListRules"
        ? this.rules.events.send(command as never)
        : execute(service, command, by);
    };
    Object.assign(cloud, { execute: judged });
  }

  /** A group that runs for a while; `proven`: each member has held it, and the first has it again. */
  static async of(group: Group = watchedGroup(), proven = true): Promise<Clinic> {
    const clinic = new Clinic(group);
    await clinic.stage.pass(20 * MINUTE);
    if (!proven) return clinic;
    await clinic.failover(SECOND);
    await clinic.failover(FIRST);
    await clinic.stage.pass(10 * MINUTE);
    return clinic;
  }

  get now(): number {
    return this.stage.now();
  }

  /** Another configuration, deployed: its rules are there, and nothing else is made. */
  configure(group: Group): void {
    this.rules.close();
    this.config = { ...this.config, groups: { [group.name]: group } };
    this.rules = stackRules(this.config);
  }

  ec2(operation: string, input: object): unknown {
    return this.stage.cloud.ec2.call(operation, input, this.now);
  }

  cloudwatch(operation: string, input: object): void {
    this.stage.cloud.cloudwatch.call(operation, input, this.now);
  }

  dynamodb(command: string, input: object): void {
    this.stage.cloud.dynamo.execute(command, { TableName: "sim-state", ...input });
  }

  async detach(eni = ENI): Promise<void> {
    const { cloud } = this.stage;
    this.ec2("DetachNetworkInterface", { AttachmentId: cloud.ec2.attachmentTruth(eni, this.now)?.id });
    await this.stage.pass(MINUTE);
  }

  async attach(eni: string, instance: string, DeviceIndex: number): Promise<void> {
    this.ec2("AttachNetworkInterface", { NetworkInterfaceId: eni, InstanceId: instance, DeviceIndex });
    await this.stage.pass(MINUTE);
  }

  /** Another interface in the group's zone, or in another. */
  addInterface(more: object = {}, zone = "eu-west-1a"): string {
    this.#made += 1;
    const networkInterfaceId = `eni-0b${this.#made}00000000000000`;
    this.stage.cloud.ec2.addInterface({ networkInterfaceId, zone, ...more }, this.now);
    return networkInterfaceId;
  }

  #made = 0;

  async failover(to: string, force = false): Promise<void> {
    const request = { to, force, by: "operator" };
    const look = { trigger: "operator", request, historyDays: 400 };
    await this.#run((world) => reconcile(this.stage.group, look, world));
    await this.stage.pass(MINUTE);
  }

  async look(): Promise<Examination> {
    const [group] = Object.values(this.config.groups);
    return await this.#run((world) => doctor(group === undefined ? [] : [group], this.#practice(world)));
  }

  async daily(): Promise<DailyExamination> {
    const [group] = Object.values(this.config.groups);
    if (group === undefined) throw new Error("there must be a group");
    return await this.#run((world) => dailyDoctor(group, this.#practice(world)));
  }

  #practice(world: World): Practice {
    const deadline = this.now + this.limitSeconds * 1000;
    return { config: this.config, world: { ...world, deadline }, stack: STACK };
  }

  async #run<T>(work: (world: World) => Promise<T>): Promise<T> {
    let ended: { readonly answer: T } | { readonly error: unknown } | undefined;
    this.stage.invoke("doctor", (world) =>
      work(world).then(
        (answer) => {
          ended = { answer };
        },
        (error: unknown) => {
          ended = { error };
        },
      ),
    );
    await this.stage.until(() => ended !== undefined);
    if (ended === undefined || "error" in ended) throw ended?.error;
    return ended.answer;
  }
}

/** As the models refuse: the simulation makes the SDK's error of it. */
function refusal(code: string): Error {
  return Object.assign(new Error("refused"), {
    name: code,
    code,
    status: code === "RequestLimitExceeded" ? 503 : 403,
  });
}

/** `check subject`, as told. */
export function told(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, subject }) => `${check} ${subject}`);
}
