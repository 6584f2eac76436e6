/** A deployed template: what stands in the cloud because of it, by logical id. */

import { installAlarms, installTables } from "./data.ts";
import { installFunctions } from "./functions.ts";
import { KINDS } from "./kinds.ts";
import { installQueues, installRules, installTopics } from "./messaging.ts";
import { resolveTemplate } from "./resolution.ts";
import { installResourcePolicies, installRoles } from "./roles.ts";
import type { Site } from "./site.ts";
import { type Resource, type Template, TemplateError } from "./template.ts";

/** Logical id → physical name. */
export type Named = Readonly<Record<string, string>>;

export interface Stack {
  readonly name: string;
  readonly functions: Named;
  readonly rules: Named;
  readonly roles: Named;
  readonly queues: Named;
  readonly topics: Named;
  readonly tables: Named;
  readonly alarms: Named;
  readonly outputs: Named;
  /** Resources that were taken note of and do nothing here, as `logicalId (kind)`. */
  readonly notEmulated: readonly string[];
}

/**
 * Puts every resource of the template into the cloud. Throws TemplateError with everything that keeps it from being
 * deployed; what can be told from the template alone is told before anything is changed.
 */
export async function installStack(
  template: Template,
  site: Site,
  options: { readonly stackName: string; readonly parameters?: Readonly<Record<string, string>> },
): Promise<Stack> {
  const { resources, outputs } = resolveTemplate(template, { ...site.where, ...options });
  installQueues(resources, site);
  installTopics(resources, site);
  const problems = installRoles(resources, site);
  installResourcePolicies(resources, site);
  problems.push(...(await installFunctions(resources, site)), ...installRules(resources, site));
  if (problems.length > 0) throw new TemplateError(problems);
  await installTables(resources, site);
  await installAlarms(resources, site);
  return {
    name: options.stackName,
    functions: named(resources, "AWS::Lambda::Function"),
    rules: named(resources, "AWS::Events::Rule"),
    roles: named(resources, "AWS::IAM::Role"),
    queues: named(resources, "AWS::SQS::Queue"),
    topics: named(resources, "AWS::SNS::Topic"),
    tables: named(resources, "AWS::DynamoDB::Table"),
    alarms: named(resources, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
    outputs,
    notEmulated: resources
      .filter(({ type }) => KINDS.get(type)?.notEmulated === true)
      .map(({ logicalId, type }) => `${logicalId} (${type})`),
  };
}

function named(resources: readonly Resource[], ...types: string[]): Named {
  const some = resources.filter(({ type }) => types.includes(type));
  return Object.fromEntries(some.map(({ logicalId, name }) => [logicalId, name]));
}
