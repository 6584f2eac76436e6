/** The package with another policy: the roles that would be made of it, and the functions pointed to its configuration. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { roles } from "../../deploy/resources/roles.ts";
import { readYaml } from "../../deploy/stack.ts";
import { loadConfig } from "../../shared/config.ts";
import { type Dressed, STACK } from "./stage.ts";

interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

/** The example's group with another policy, written beside the package in `folder`. */
export async function dressed(folder: string, policy: Readonly<Record<string, unknown>>): Promise<Dressed> {
  const source = readYaml(readFileSync("failover.yml", "utf8")).value as { groups: Record<string, object> };
  return await dressedAs(folder, "dressed", {
    ...source,
    groups: { "nat-a": { ...source.groups["nat-a"], policy } },
  });
}

/**
 * Another configuration of the same groups, interfaces and members, so that rules and alarms stay as they are packaged.
 * Writes it and the template beside the package, under `name`.
 */
export async function dressedAs(folder: string, name: string, source: object): Promise<Dressed> {
  const configPath = path.join(folder, `${name}-failover.json`);
  writeFileSync(configPath, JSON.stringify(source));
  const config = await loadConfig(configPath);
  const packaged = path.join(folder, "cloudformation-template-update-stack.json");
  const template: Template = JSON.parse(readFileSync(packaged, "utf8"));
  Object.assign(template.Resources, roles(config, { stack: STACK }));
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== "AWS::Lambda::Function" || Properties === undefined) continue;
    const { Variables } = Properties.Environment as { Variables: Record<string, string> };
    Variables.FAILOVER_CONFIG = configPath;
  }
  const templatePath = path.join(folder, `${name}.json`);
  writeFileSync(templatePath, JSON.stringify(template));
  return { configPath, templatePath };
}
