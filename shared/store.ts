/**
 * The store: the record of each group, its history, and what is remembered of the whole fleet, in one DynamoDB table.
 *
 * How a state changes is not decided here (`core/record.ts`): the store reads states and writes the difference between
 * two of them under a guard, so that two writers never undo each other's work.
 */
export { awayBecause } from "./store/call.ts";
export type { Guard } from "./store/difference.ts";
export { type Fleet, forgetFleet, NOTHING_STANDS, noteFleet, readFleet } from "./store/fleet.ts";
export { clearOutbox, readHistory, writeHistory } from "./store/history.ts";
export { readState, readStates, tableAnswers } from "./store/read.ts";
export { type WriteResult, writeState } from "./store/write.ts";
