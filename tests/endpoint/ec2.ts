/**
 * EC2 as its API reference documents it, for one interface and two instances, written by hand: each action with the
 * parameters it takes, and no others. Nothing of it comes from the embedded cloud, which it is to be an alternative to.
 */
export const ENI = "eni-0d15ea5e0d15ea5e0";
export const [ACTIVE, STANDBY] = ["i-0aaaaaaaaaaaaaaa1", "i-0bbbbbbbbbbbbbbb2"] as const;

/** How the active is. */
export type Scene = "healthy" | "impaired" | "stopped";

interface Attachment {
  readonly id: string;
  readonly instance: string;
  readonly index: string;
  readonly at: string;
  status: "attaching" | "attached" | "detaching";
}

type Parameters = URLSearchParams;

/** What comes back with a 4xx. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const PAGED = ["MaxResults", "NextToken", "Filter.#.Name", "Filter.#.Value.#"];
/** Every action has Action, Version and DryRun besides. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  DescribeNetworkInterfaces: [...PAGED, "NetworkInterfaceId.#"],
  DescribeInstances: [...PAGED, "InstanceId.#"],
  DescribeInstanceStatus: [...PAGED, "InstanceId.#", "IncludeAllInstances"],
  DescribeInstanceTypes: [...PAGED, "InstanceType.#"],
  AttachNetworkInterface: ["NetworkInterfaceId", "InstanceId", "DeviceIndex", "NetworkCardIndex"],
  DetachNetworkInterface: ["AttachmentId", "Force"],
  ModifyNetworkInterfaceAttribute: [
    "NetworkInterfaceId",
    "Attachment.AttachmentId",
    "Attachment.DeleteOnTermination",
  ],
};

export class BareEc2 {
  readonly #scene: Scene;
  #attachment: Attachment | undefined;
  #attachments = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#attach(ACTIVE, "1", "attached");
  }

  /** The instance that the interface is in use on. */
  get holder(): string | undefined {
    return this.#attachment?.status === "attached" ? this.#attachment.instance : undefined;
  }

  /** Answers the XML of a documented action. Throws Refusal for everything else. */
  answer(action: string, parameters: Parameters): string {
    const takes = TAKES[action];
    if (takes === undefined) throw new Refusal("InvalidAction", `The action ${action} is not valid`);
    for (const name of parameters.keys()) {
      const shape = name.replaceAll(/\.\d+/g, ".#");
      if (![...takes, "Action", "Version", "DryRun"].includes(shape)) {
        throw new Refusal("UnknownParameter", `The parameter ${name} is not recognized by ${action}`);
      }
    }
    if (parameters.get("DryRun") === "true") throw new Refusal("DryRunOperation", "It would have succeeded");
    const body = this.#carryOut(action, parameters);
    return `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${body}</${action}Response>`;
  }

  #carryOut(action: string, parameters: Parameters): string {
    if (action === "DescribeNetworkInterfaces") return this.#interfaces();
    if (action === "DescribeInstanceStatus") return this.#statuses();
    if (action === "DescribeInstances") return this.#instances();
    if (action === "DescribeInstanceTypes") return TYPES;
    if (action === "DetachNetworkInterface") return this.#detach(parameters);
    if (action === "ModifyNetworkInterfaceAttribute") return "<return>true</return>";
    const { NetworkInterfaceId, InstanceId = "", DeviceIndex = "" } = Object.fromEntries(parameters);
    if (NetworkInterfaceId !== ENI || this.#attachment !== undefined) {
      throw new Refusal("InvalidNetworkInterface.InUse", `Interface: ${NetworkInterfaceId} in use.`);
    }
    this.#attach(InstanceId, DeviceIndex, "attaching");
    return `<attachmentId>eni-attach-${this.#attachments}</attachmentId><networkCardIndex>0</networkCardIndex>`;
  }

  #attach(instance: string, index: string, status: Attachment["status"]): void {
    this.#attachments += 1;
    const at = new Date().toISOString();
    this.#attachment = { id: `eni-attach-${this.#attachments}`, instance, index, at, status };
  }

  #detach(parameters: Parameters): string {
    const id = parameters.get("AttachmentId");
    if (this.#attachment === undefined || this.#attachment.id !== id) {
      throw new Refusal("InvalidAttachmentID.NotFound", `The attachment '${id}' does not exist`);
    }
    this.#attachment.status = "detaching";
    return "<return>true</return>";
  }

  /** What is shown in passing has come to its end by the next time. */
  #interfaces(): string {
    const shown = this.#attachment;
    const status = shown === undefined ? "available" : "in-use";
    const text = `<networkInterfaceSet><item><networkInterfaceId>${ENI}</networkInterfaceId><availabilityZone>eu-west-1a</availabilityZone><status>${status}</status>${attachmentXml(shown)}</item></networkInterfaceSet>`;
    if (shown?.status === "detaching") this.#attachment = undefined;
    else if (shown?.status === "attaching") shown.status = "attached";
    return text;
  }

  #statuses(): string {
    const items = [ACTIVE, STANDBY].map((instance) => {
      const scene = instance === ACTIVE ? this.#scene : "healthy";
      const ok = check("ok");
      const instanceCheck = scene === "impaired" ? check("impaired") : ok;
      const checks =
        scene === "stopped"
          ? ""
          : `<systemStatus>${ok}</systemStatus><instanceStatus>${instanceCheck}</instanceStatus>`;
      return `<item><instanceId>${instance}</instanceId><availabilityZone>eu-west-1a</availabilityZone>${this.#state(instance)}${checks}</item>`;
    });
    return `<instanceStatusSet>${items.join("")}</instanceStatusSet>`;
  }

  #instances(): string {
    const items = [ACTIVE, STANDBY].map((instance) => {
      const held = this.#attachment?.instance === instance ? this.#attachment : undefined;
      const floating =
        held === undefined
          ? ""
          : `<item><networkInterfaceId>${ENI}</networkInterfaceId>${attachmentXml(held)}</item>`;
      const primary = `<item><networkInterfaceId>eni-0${instance.slice(-8)}</networkInterfaceId><attachment><deviceIndex>0</deviceIndex><networkCardIndex>0</networkCardIndex><status>attached</status></attachment></item>`;
      return `<item><instanceId>${instance}</instanceId><instanceType>t4g.small</instanceType><launchTime>2026-01-01T00:00:00.000Z</launchTime>${this.#state(instance)}<placement><availabilityZone>eu-west-1a</availabilityZone></placement><networkInterfaceSet>${primary}${floating}</networkInterfaceSet></item>`;
    });
    return `<reservationSet><item><instancesSet>${items.join("")}</instancesSet></item></reservationSet>`;
  }

  #state(instance: string): string {
    const stopped = instance === ACTIVE && this.#scene === "stopped";
    return `<instanceState><code>${stopped ? 80 : 16}</code><name>${stopped ? "stopped" : "running"}</name></instanceState>`;
  }
}

const TYPES =
  "<instanceTypeSet><item><instanceType>t4g.small</instanceType><networkInfo><maximumNetworkInterfaces>3</maximumNetworkInterfaces></networkInfo></item></instanceTypeSet>";

function attachmentXml(shown: Attachment | undefined): string {
  if (shown === undefined) return "";
  return `<attachment><attachmentId>${shown.id}</attachmentId><instanceId>${shown.instance}</instanceId><deviceIndex>${shown.index}</deviceIndex><networkCardIndex>0</networkCardIndex><status>${shown.status}</status><attachTime>${shown.at}</attachTime><deleteOnTermination>false</deleteOnTermination></attachment>`;
}

function check(status: "ok" | "impaired"): string {
  const passed = status === "ok" ? "passed" : "failed";
  const twoMinutesAgo = new Date(Date.now() - 120_000).toISOString();
  const since = status === "ok" ? "" : `<impairedSince>${twoMinutesAgo}</impairedSince>`;
  return `<status>${status}</status><details><item><name>reachability</name><status>${passed}</status>${since}</item></details>`;
}
