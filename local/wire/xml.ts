/** Outputs as XML, driven by the model: names, lists and their items as each service spells them. */
import type { NormalizedSchema } from "@smithy/core/schema";

/** How a service writes a timestamp. */
export type Stamp = (date: Date) => string;

/** The members of an output, one element each, in the model's order; undefined members are left out. */
export function xmlMembers(schema: NormalizedSchema, value: unknown, stamp: Stamp): string {
  let xml = "";
  const members = value as Readonly<Record<string, unknown>>;
  for (const [name, member] of schema.structIterator()) {
    const own = members[name];
    if (own === undefined || own === null) continue;
    const traits = member.getMergedTraits();
    const tag = traits.xmlName ?? name;
    if (member.isListSchema() && traits.xmlFlattened) {
      for (const item of own as readonly unknown[]) xml += element(tag, member.getValueSchema(), item, stamp);
    } else {
      xml += element(tag, member, own, stamp);
    }
  }
  return xml;
}

/** One tag around escaped text. */
export function xmlText(tag: string, text: string): string {
  return `<${tag}>${escaped(text)}</${tag}>`;
}

function element(tag: string, schema: NormalizedSchema, value: unknown, stamp: Stamp): string {
  const inner = content(schema, value, stamp);
  return inner === "" && typeof value !== "string" ? `<${tag}/>` : `<${tag}>${inner}</${tag}>`;
}

function content(schema: NormalizedSchema, value: unknown, stamp: Stamp): string {
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const tag = item.getMemberTraits().xmlName ?? "member";
    return (value as readonly unknown[]).map((each) => element(tag, item, each, stamp)).join("");
  }
  if (schema.isStructSchema()) return xmlMembers(schema, value, stamp);
  if (value instanceof Date) return stamp(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Control characters, which XML 1.0 can't carry even escaped, are left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, "")
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
