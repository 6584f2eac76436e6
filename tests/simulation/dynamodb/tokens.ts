/** Cuts an expression of DynamoDB into tokens: words, `#names`, `:values`, numbers and symbols. */
import { validation } from "./errors.ts";

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|\d+|<>|<=|>=|[=<>()[\],.+-])|(\S))/gy;

/** Reads tokens from left to right. Keywords are words in any case. */
export class Tokens {
  readonly #what: string;
  readonly #tokens: readonly string[];
  #at = 0;

  /** `what` names the expression in errors: `ConditionExpression`, … */
  constructor(what: string, text: string) {
    this.#what = what;
    if (text.trim() === "") throw validation(`Invalid ${what}: The expression can not be empty;`);
    const tokens: string[] = [];
    for (const [, token, stray] of text.matchAll(TOKEN)) {
      if (token === undefined) throw this.error(`Syntax error; token: "${stray ?? ""}"`);
      tokens.push(token);
    }
    this.#tokens = tokens;
  }

  get next(): string | undefined {
    return this.#tokens[this.#at];
  }

  /** The token after the next one. */
  get second(): string | undefined {
    return this.#tokens[this.#at + 1];
  }

  take(): string {
    const token = this.next;
    if (token === undefined) throw this.error('Syntax error; token: "<EOF>"');
    this.#at += 1;
    return token;
  }

  /** Takes the next token if it is `symbol`. */
  accept(symbol: string): boolean {
    if (this.next !== symbol) return false;
    this.#at += 1;
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.error(`Syntax error; token: "${this.next ?? "<EOF>"}"`);
  }

  isKeyword(keyword: string): boolean {
    return this.next?.toUpperCase() === keyword;
  }

  acceptKeyword(keyword: string): boolean {
    if (!this.isKeyword(keyword)) return false;
    this.#at += 1;
    return true;
  }

  expectEnd(): void {
    if (this.next !== undefined) throw this.error(`Syntax error; token: "${this.next}"`);
  }

  error(message: string): Error {
    return validation(`Invalid ${this.#what}: ${message}`);
  }
}
