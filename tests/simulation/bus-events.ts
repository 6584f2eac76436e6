/** Events of AWS services, as EventBridge hands them to a Lambda. */

export type BusEvent = Readonly<Record<string, unknown>>;

export class BusEvents {
  readonly #place: { readonly account: string; readonly region: string };
  #count = 0;

  constructor(account: string, region: string) {
    this.#place = { account, region };
  }

  event(source: string, detailType: string, at: number, detail: object): BusEvent {
    this.#count += 1;
    const id = `00000000-0000-4000-8000-${String(this.#count).padStart(12, "0")}`;
    const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
    const named = { version: "0", id, source, "detail-type": detailType };
    return { ...named, ...this.#place, time, resources: [], detail };
  }
}
