/** `notifications:` of the configuration: who is told, and what the messages refer to. */
import * as v from "valibot";
import { type Finding, must } from "../check.ts";

const Email = v.pipe(
  v.string(),
  v.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/),
  v.maxLength(256),
  must("an email address", { example: "on-call@example.com" }),
);

export const NotificationsSource = v.pipe(
  v.strictObject({
    emails: v.exactOptional(
      v.pipe(
        v.array(Email),
        v.description("Who is told by email. Each address gets a message of AWS's first, to confirm it."),
        must("a list of email addresses", { remedy: "write for example [on-call@example.com]" }),
      ),
    ),
    runbook: v.exactOptional(
      v.pipe(
        v.string(),
        v.regex(/^https:\/\/[^\s"\\<>#]+$/),
        v.maxLength(500),
        v.description("Where your people find docs/runbook.md. Messages add # and the word that says why."),
        must("an https address without #", { example: "https://wiki.example.com/failover-runbook" }),
      ),
    ),
    encryptionKey: v.exactOptional(
      v.pipe(
        v.string(),
        v.regex(/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/),
        v.description(
          "A KMS key of your own for the topic. Its policy must let events and cloudwatch use it; aws/sns does not.",
        ),
        must("the ARN of a KMS key", {
          example: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        }),
      ),
    ),
  }),
  v.description(
    "Who is told of moves, refusals and the controller's own alarms. The topic is there in any case.",
  ),
  must("a map of emails, runbook and encryptionKey", { example: { emails: ["on-call@example.com"] } }),
);

export interface Notifications {
  readonly emails: readonly string[];
  readonly runbook: string;
  readonly encryptionKey?: string;
}

const DEFAULT_RUNBOOK = "docs/runbook.md";

export function notificationsOf(source: v.InferOutput<typeof NotificationsSource>): Notifications {
  return { emails: [], runbook: DEFAULT_RUNBOOK, ...source };
}

/** An address that is there twice would be one subscription, and two in the template. */
export function notificationFindings(value: unknown): readonly Finding[] {
  const emails = (value as { notifications?: { emails?: unknown } }).notifications?.emails;
  if (!v.is(v.array(Email), emails)) return [];
  const seen = emails.map((email) => email.toLowerCase());
  return seen.flatMap((email, index) => {
    if (seen.indexOf(email) === index) return [];
    const message = `${email} is there already`;
    const path = ["notifications", "emails", index];
    return [{ path, at: "value", message, remedy: "remove it" } as const];
  });
}
