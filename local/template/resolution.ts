/** A whole template resolved: every resource with its physical name and properties, every output with its value. */
import { createHash } from "node:crypto";
import { holds, type Names, NO_VALUE, resolve } from "./intrinsics.ts";
import { KINDS, type Kind, type Where } from "./kinds.ts";
import { type Json, type Resource, type Template, TemplateError } from "./template.ts";

export interface Resolved {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ResolveOptions extends Where {
  readonly stackName: string;
  /** Before the defaults of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Resolves the template. Throws TemplateError with every unknown kind and every reference that leads nowhere. */
export function resolveTemplate(template: Template, options: ResolveOptions): Resolved {
  return new Resolution(template, options).run();
}

class Resolution {
  readonly #template: Template;
  readonly #options: ResolveOptions;
  readonly #problems = new Set<string>();
  readonly #physical = new Map<string, string>();
  /** Logical ids whose names are being made: a name that refers to itself never comes to an end. */
  readonly #underway = new Set<string>();
  readonly #names: Names;

  constructor(template: Template, options: ResolveOptions) {
    this.#template = template;
    this.#options = options;
    this.#names = {
      ref: (name) => this.#ref(name),
      attribute: (id, name) => this.#attribute(id, name),
      condition: (name) => template.Conditions?.[name],
      mapping: (name) => template.Mappings?.[name],
      region: options.region,
      problem: (where, what) => void this.#problems.add(`${where}: ${what}`),
    };
  }

  run(): Resolved {
    const ids = Object.keys(this.#template.Resources).filter((id) => this.#exists(id));
    const resources = ids.flatMap((id) => this.#resource(id));
    const outputs = Object.entries(this.#template.Outputs ?? {})
      .filter(
        ([id, { Condition }]) => Condition === undefined || holds(Condition, `Outputs.${id}`, this.#names),
      )
      .map(([id, { Value }]) => [id, String(resolve(Value, `Outputs.${id}`, this.#names))]);
    if (this.#problems.size > 0) throw new TemplateError([...this.#problems]);
    return { resources, outputs: Object.fromEntries(outputs) };
  }

  /** Resources whose condition does not hold are not there for anybody. */
  #exists(id: string): boolean {
    const resource = this.#template.Resources[id];
    if (resource === undefined) return false;
    return resource.Condition === undefined || holds(resource.Condition, id, this.#names);
  }

  #resource(logicalId: string): Resource[] {
    const { Type, Properties = {} } = this.#template.Resources[logicalId] ?? { Type: "" };
    const kind = KINDS.get(Type);
    if (kind === undefined) {
      this.#problems.add(`${logicalId}: ${Type} is not a kind of resource that can be deployed here`);
      return [];
    }
    const properties = resolve(Properties, logicalId, this.#names) as Record<string, unknown>;
    const name = this.#nameOf(logicalId, kind);
    return [{ logicalId, type: Type, name, arn: kind.arn?.(name, this.#options) ?? name, properties }];
  }

  #nameOf(logicalId: string, kind: Kind): string {
    const known = this.#physical.get(logicalId);
    if (known !== undefined) return known;
    const given =
      kind.named === undefined ? undefined : this.#template.Resources[logicalId]?.Properties?.[kind.named];
    const name = given === undefined ? undefined : this.#given(logicalId, kind.named ?? "", given);
    const physical =
      name ?? `${this.#options.stackName}-${logicalId}-${suffix(this.#options.stackName, logicalId)}`;
    this.#physical.set(logicalId, physical);
    return physical;
  }

  #given(logicalId: string, property: string, value: Json): string | undefined {
    if (this.#underway.has(logicalId)) {
      this.#problems.add(`${logicalId}.${property}: it refers to itself`);
      return undefined;
    }
    this.#underway.add(logicalId);
    const name = resolve(value, `${logicalId}.${property}`, this.#names);
    this.#underway.delete(logicalId);
    return name === NO_VALUE ? undefined : String(name);
  }

  #ref(name: string): unknown {
    const pseudo = this.#pseudo(name);
    if (pseudo !== undefined) return pseudo;
    const parameter = this.#template.Parameters?.[name];
    if (parameter !== undefined) {
      const value = this.#options.parameters?.[name] ?? parameter.Default;
      const isList = parameter.Type === "CommaDelimitedList" || parameter.Type?.startsWith("List<");
      return isList && typeof value === "string" ? value.split(",") : value;
    }
    if (!this.#exists(name)) return undefined;
    const kind = this.#kindOf(name);
    // That its kind is unknown is told once, in its own place.
    if (kind === undefined) return name;
    const physical = this.#nameOf(name, kind);
    if (kind.ref === "arn") return kind.arn?.(physical, this.#options);
    return kind.ref?.(physical, this.#options) ?? physical;
  }

  #attribute(id: string, name: string): unknown {
    if (!this.#exists(id)) return undefined;
    const kind = this.#kindOf(id);
    if (kind === undefined) return id;
    const make = name === "Arn" ? kind.arn : kind.attributes?.[name];
    return make?.(this.#nameOf(id, kind), this.#options);
  }

  #kindOf(logicalId: string): Kind | undefined {
    return KINDS.get(this.#template.Resources[logicalId]?.Type ?? "");
  }

  #pseudo(name: string): unknown {
    const { account, region, stackName } = this.#options;
    const values: Readonly<Record<string, unknown>> = {
      "AWS::AccountId": account,
      "AWS::Region": region,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stackName,
      "AWS::StackId": `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/local`,
      "AWS::NotificationARNs": [],
      "AWS::NoValue": NO_VALUE,
    };
    return values[name];
  }
}

/** CloudFormation ends names of its own making in twelve random characters; here the same name gets the same ones. */
function suffix(stackName: string, logicalId: string): string {
  const digest = createHash("sha256").update(`${stackName}/${logicalId}`).digest("hex");
  return digest.slice(0, 12).toUpperCase();
}
