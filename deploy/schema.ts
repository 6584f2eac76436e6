/**
 * Writes `failover.schema.json`, with which editors complete and explain `failover.yml`, from the schema that the
 * controller itself validates with: `npm run schema`. What values must be to each other can't be said in it.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { DEFAULT_HISTORY_DAYS, DEFAULT_SURGE } from "../shared/config/build.ts";
import { DEFAULT_STATUS_ALARM } from "../shared/config/check-alarms.ts";
import { DEFAULT_POLICY, PolicySource } from "../shared/config/policy.ts";
import { ConfigSource } from "../shared/config/schema.ts";

export const SCHEMA_FILE = fileURLToPath(new URL("../failover.schema.json", import.meta.url));

/** How wide the formatter lets a line become. */
const WIDTH = 110;

/** The JSON Schema as text, formatted as the formatter would. */
export function schemaText(): string {
  const schema = toJsonSchema(ConfigSource, { definitions: { policy: PolicySource }, errorMode: "throw" });
  const properties = schema.properties ?? {};
  const policy = (schema.$defs ?? schema.definitions)?.policy;
  addDefaults(policy, DEFAULT_POLICY);
  addDefaults(properties.surge, DEFAULT_SURGE);
  addDefaults(properties.statusAlarm, { ...DEFAULT_STATUS_ALARM });
  addDefaults({ properties }, { historyDays: DEFAULT_HISTORY_DAYS });
  const described = {
    $schema: schema.$schema,
    title: "failover.yml",
    description: "The groups of the failover controller, and their policies.",
    ...schema,
  };
  // `must` and `remedy` are words for our own messages.
  const words = new Set(["must", "remedy"]);
  const text = JSON.stringify(described, (key, value) => (words.has(key) ? undefined : value), 2);
  return `${text.replace(/^(.*)\[\n([^[\]{}]*)\n\s*\](,?)$/gm, onOneLine)}\n`;
}

function addDefaults(schema: unknown, defaults: Readonly<Record<string, unknown>>): void {
  const { properties } = schema as { properties: Record<string, Record<string, unknown>> };
  for (const [key, value] of Object.entries(defaults))
    Object.assign(properties[key] ?? {}, { default: value });
}

/** The formatter keeps a list of plain values on one line where it fits. */
function onOneLine(whole: string, before: string, items: string, comma: string): string {
  const line = `${before}[${items.trim().replace(/\n\s*/g, " ")}]${comma}`;
  return line.length <= WIDTH ? line : whole;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SCHEMA_FILE, schemaText());
