/** What the doctor reads of the controller itself: the rules of its stack, and how its table is kept. */
import { DescribeContinuousBackupsCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { ListRulesCommand, type Rule } from "@aws-sdk/client-eventbridge";
import type { ControllerExamined, RuleSeen, RulesSeen } from "../core/examined.ts";
import { ask } from "../observe/ask.ts";
import { insist } from "../store/call.ts";
import type { World } from "../world.ts";
import { readOr } from "./read.ts";

const PAGES = 20;

/** The rules that the stack has made, by the names that it gives them. Throws only what is our own bug. */
export async function readRules(world: World, stack: string): Promise<RulesSeen> {
  return await readOr(async () => {
    const found: RuleSeen[] = [];
    let NextToken: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const command = new ListRulesCommand({ NamePrefix: `${stack}-`, Limit: 100, NextToken });
      const answer = await ask(world, (options) => world.eventbridge.send(command, options));
      found.push(...(answer.Rules ?? []).filter((rule) => isOf(stack, rule)).map(ruleSeen));
      NextToken = answer.NextToken;
      if (NextToken === undefined || NextToken === "") return found;
    }
    return { unread: `EventBridge answered on more than ${PAGES} pages` };
  });
}

/** Another stage's name may begin with this one's. */
function isOf(stack: string, { Name = "" }: Rule): boolean {
  return /^(alarm|instance|spot|lifecycle)-\d+$|^sweep$/.test(Name.slice(stack.length + 1));
}

function ruleSeen({ Name = "", State, EventPattern }: Rule): RuleSeen {
  const pattern = EventPattern === undefined ? {} : { pattern: EventPattern };
  return { name: Name, enabled: State !== "DISABLED", ...pattern };
}

/** Whether the table can be restored to a point in time, and by which attribute its items expire. */
export async function readTable(world: World): Promise<Pick<ControllerExamined, "recovery" | "expiry">> {
  const input = { TableName: world.table };
  const recovery = await readOr(async () => {
    const command = new DescribeContinuousBackupsCommand(input);
    const { ContinuousBackupsDescription: backups } = await insist(world, "read", (abortSignal) =>
      world.dynamodb.send(command, { abortSignal }),
    );
    return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED";
  });
  const expiry = await readOr(async () => {
    const command = new DescribeTimeToLiveCommand(input);
    const { TimeToLiveDescription: ttl } = await insist(world, "read", (abortSignal) =>
      world.dynamodb.send(command, { abortSignal }),
    );
    const on = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
    return on ? (ttl?.AttributeName ?? null) : null;
  });
  return { recovery, expiry };
}
