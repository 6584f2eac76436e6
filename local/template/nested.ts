/**
 * AWS::CloudFormation::Stack: the resources of the nested template are deployed with those around it. Its file lies beside
 * the package, under the last part of its URL. Not emulated: parameters and outputs of nested stacks.
 */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Json, Template } from "./template.ts";
import { TemplateError } from "./template.ts";

/** The template with the resources of all its nested stacks. Throws TemplateError. */
export async function withNested(template: Template, packageDirectory: string): Promise<Template> {
  const problems: string[] = [];
  const resources = { ...template.Resources };
  for (const [id, { Type, Properties = {} }] of Object.entries(template.Resources)) {
    if (Type !== "AWS::CloudFormation::Stack") continue;
    delete resources[id];
    const inner = await read(Properties.TemplateURL, packageDirectory);
    const twice = Object.keys(inner?.Resources ?? {}).filter((name) => name in resources);
    if (inner === undefined) problems.push(`${id}: its template is not in ${packageDirectory}`);
    if (inner?.Parameters !== undefined) problems.push(`${id}: parameters of nested stacks are not emulated`);
    problems.push(...twice.map((name) => `${id}: ${name} is in another stack too`));
    Object.assign(resources, inner?.Resources);
  }
  if (problems.length > 0) throw new TemplateError(problems);
  return { ...template, Resources: resources };
}

async function read(url: Json | undefined, packageDirectory: string): Promise<Template | undefined> {
  const text = typeof url === "object" && url !== null && "Fn::Sub" in url ? url["Fn::Sub"] : url;
  const file = join(packageDirectory, basename(String(text)));
  return await readFile(file, "utf8").then(JSON.parse, () => undefined);
}
