/**
 * The bus that takes what the controller has to tell: for a while it does not answer, has taken what it did not say it had
 * taken, or takes only some of it.
 */
import type { PutEventsCommandInput } from "@aws-sdk/client-eventbridge";
import type { Random } from "../../local/random.ts";
import type { Group } from "../../shared/core/model.ts";
import type { News } from "../../shared/core/news.ts";
import { pick, streamOf } from "./swarm.ts";

/** A call never arrives, its answer never does, or some entries are refused. */
export type BusTrouble = "request lost" | "answer lost" | "refused in part";

const TROUBLES: readonly BusTrouble[] = ["request lost", "request lost", "answer lost", "refused in part"];

export class Bus {
  /** What was taken, in the order in which it came. */
  readonly news: Pick<News, "type" | "detail">[] = [];
  #random: Random = () => 0;
  readonly #times: { readonly from: number; readonly until: number }[] = [];

  /** In one run of five, once or twice for up to three minutes. */
  drawTroubles(groups: readonly Group[], start: number, safetyMs: number): void {
    const random = streamOf({ bus: groups, safetyMs });
    this.#random = random;
    const times = random() < 0.8 ? 0 : 1 + Math.floor(random() * 2);
    for (let count = 0; count < times; count += 1) {
      const from = start + random() * safetyMs;
      this.#times.push({ from, until: from + random() * 180_000 });
    }
  }

  /** From here on it takes everything. */
  calm(): void {
    this.#times.length = 0;
  }

  /** What is wrong with a call that is made now; undefined: nothing. */
  trouble(now: number): BusTrouble | undefined {
    const away = this.#times.some(({ from, until }) => from <= now && now < until);
    return away ? pick(this.#random, TROUBLES) : undefined;
  }

  /** Takes the entries: all of them, or those that the draw leaves. */
  take({ Entries = [] }: Partial<PutEventsCommandInput>, inPart = false): object {
    const answers = Entries.map(({ DetailType = "", Detail = "" }, at) => {
      if (inPart && this.#random() < 0.5)
        return { ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded" };
      this.news.push({ type: DetailType as News["type"], detail: JSON.parse(Detail) });
      return { EventId: String(at) };
    });
    return { FailedEntryCount: answers.filter((one) => "ErrorCode" in one).length, Entries: answers };
  }
}
