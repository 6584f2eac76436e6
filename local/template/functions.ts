/** AWS::Lambda::Function with its ::EventInvokeConfig: the packaged zip unzipped, and everything that the template says. */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { unzipSync } from "fflate";
import { ASYNCHRONOUS_DEFAULTS, type AsynchronousConfig, type FunctionConfig } from "../lambda/function.ts";
import { trustsLambda } from "./roles.ts";
import { ofKind, propertiesOf, type Site } from "./site.ts";
import type { Resource } from "./template.ts";

interface FunctionProperties {
  readonly Handler: string;
  readonly Role: string;
  readonly Runtime?: string;
  readonly Code?: { readonly S3Key?: string };
  readonly Description?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Architectures?: readonly string[];
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
  readonly ReservedConcurrentExecutions?: number;
  readonly DeadLetterConfig?: { readonly TargetArn?: string };
  readonly TracingConfig?: { readonly Mode?: string };
  readonly VpcConfig?: {
    readonly SubnetIds?: readonly string[];
    readonly SecurityGroupIds?: readonly string[];
  };
}

interface InvokeConfigProperties {
  readonly FunctionName: string;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: {
    readonly OnFailure?: { readonly Destination?: string };
    readonly OnSuccess?: { readonly Destination?: string };
  };
}

/** Adds every function. Answers what Lambda would refuse. */
export async function installFunctions(resources: readonly Resource[], site: Site): Promise<string[]> {
  const configs = new Map(
    ofKind(resources, "AWS::Lambda::EventInvokeConfig").map((resource) => {
      const properties = propertiesOf<InvokeConfigProperties>(resource);
      return [properties.FunctionName.split(":function:").at(-1), properties] as const;
    }),
  );
  const problems: string[] = [];
  for (const resource of ofKind(resources, "AWS::Lambda::Function")) {
    const config = await functionConfig(resource, configs.get(resource.name), site);
    problems.push(...refusals(resource.logicalId, config, resources, site));
    site.lambda.add(config);
  }
  return problems;
}

async function functionConfig(
  resource: Resource,
  invokeConfig: InvokeConfigProperties | undefined,
  site: Site,
): Promise<FunctionConfig> {
  const properties = propertiesOf<FunctionProperties>(resource);
  const variables = Object.entries(properties.Environment?.Variables ?? {});
  return {
    name: resource.name,
    arn: resource.arn,
    handler: properties.Handler,
    ...(await unzip(resource, properties.Code?.S3Key ?? "", site)),
    runtime: properties.Runtime ?? "nodejs24.x",
    architecture: properties.Architectures?.[0] ?? "x86_64",
    description: properties.Description ?? "",
    environment: Object.fromEntries(variables.map(([name, value]) => [name, String(value)])),
    role: properties.Role,
    timeoutSeconds: properties.Timeout ?? 3,
    memoryMegabytes: properties.MemorySize ?? 128,
    reservedConcurrency: properties.ReservedConcurrentExecutions,
    ...vpcConfig(properties),
    asynchronous: asynchronousConfig(properties, invokeConfig),
    tracing: properties.TracingConfig?.Mode === "Active",
  };
}

function vpcConfig({ VpcConfig: vpc }: FunctionProperties): Pick<FunctionConfig, "vpc"> {
  const { SubnetIds: subnets = [], SecurityGroupIds: securityGroups = [] } = vpc ?? {};
  return subnets.length === 0 ? {} : { vpc: { subnets, securityGroups } };
}

function asynchronousConfig(
  properties: FunctionProperties,
  config: InvokeConfigProperties | undefined,
): AsynchronousConfig {
  const { maximumRetryAttempts, maximumEventAgeSeconds } = ASYNCHRONOUS_DEFAULTS;
  return {
    maximumRetryAttempts: config?.MaximumRetryAttempts ?? maximumRetryAttempts,
    maximumEventAgeSeconds: config?.MaximumEventAgeInSeconds ?? maximumEventAgeSeconds,
    onFailure: config?.DestinationConfig?.OnFailure?.Destination,
    onSuccess: config?.DestinationConfig?.OnSuccess?.Destination,
    deadLetter: properties.DeadLetterConfig?.TargetArn,
  };
}

/** Unzips the function's package into a folder of its own. */
async function unzip(
  { name, logicalId }: Resource,
  key: string,
  { packageDirectory, codeDirectory }: Site,
): Promise<Pick<FunctionConfig, "codeDirectory" | "codeBytes" | "codeSha256">> {
  const zip = await readFile(join(packageDirectory, basename(key))).catch((error: Error) => {
    throw new Error(`${logicalId}: its package can't be read: ${error.message}`);
  });
  const folder = join(codeDirectory, name);
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    const file = resolve(folder, path);
    if (!file.startsWith(folder + sep)) throw new Error(`${logicalId}: ${path} leads out of its package`);
    if (path.endsWith("/")) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  const codeSha256 = createHash("sha256").update(zip).digest("base64");
  return { codeDirectory: folder, codeBytes: zip.length, codeSha256 };
}

/** Lambda looks at the role when a function is made. Source: Lambda API reference, CreateFunction and PutFunctionEventInvokeConfig. */
function refusals(
  logicalId: string,
  config: FunctionConfig,
  resources: readonly Resource[],
  { permissions }: Site,
): string[] {
  const role = ofKind(resources, "AWS::IAM::Role").find(({ arn }) => arn === config.role);
  if (role === undefined) return [`${logicalId}: there is no role ${config.role}`];
  if (!trustsLambda(role)) {
    return [`${logicalId}: the role defined for the function cannot be assumed by Lambda`];
  }
  // Source: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC".
  const denied = (config.vpc === undefined ? [] : IN_THE_VPC).find(
    (name) => !permissions.ofRole(config.role, { action: `ec2:${name}`, resource: "*", keys: {} }).allowed,
  );
  if (denied !== undefined) {
    return [`${logicalId}: the provided execution role does not have permissions to call ${denied} on EC2`];
  }
  const { onFailure, onSuccess, deadLetter } = config.asynchronous;
  const destinations = [onFailure, onSuccess, deadLetter].filter((arn) => arn !== undefined);
  return [...new Set(destinations)].flatMap((resource) => {
    const action = sendAction(resource);
    if (permissions.ofRole(config.role, { action, resource, keys: {} }).allowed) return [];
    return [`${logicalId}: the execution role does not have permission to call ${action} on ${resource}`];
  });
}

/** The action by which a message reaches what `arn` names. */
function sendAction(arn: string): string {
  return SENDING[arn.split(":")[2] ?? ""] ?? "lambda:InvokeFunction";
}

/** What Lambda does for a function in a VPC, with the function's role. Which of them it asks for when is its own affair. */
const IN_THE_VPC = [
  "CreateNetworkInterface",
  "DescribeNetworkInterfaces",
  "DescribeSubnets",
  "DeleteNetworkInterface",
  "AssignPrivateIpAddresses",
  "UnassignPrivateIpAddresses",
];

const SENDING: Readonly<Record<string, string>> = {
  sqs: "sqs:SendMessage",
  sns: "sns:Publish",
  events: "events:PutEvents",
};
