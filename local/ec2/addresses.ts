/** Private IPv4 addresses: blocks, and which addresses of a subnet are taken. */
import { AwsError } from "../aws-error.ts";

export interface Block {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

/** An address as a number; undefined for text that is none. */
function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let number = 0;
  for (const part of parts) {
    const byte = Number(part);
    if (!/^\d{1,3}$/.test(part) || byte > 255) return undefined;
    number = number * 256 + byte;
  }
  return number;
}

function formatAddress(number: number): string {
  return `${Math.floor(number / 16_777_216)}.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/** Throws InvalidParameterValue for text that is no IPv4 block. */
export function parseBlock(cidr: string): Block {
  const [address = "", bitsText = ""] = cidr.split("/");
  const first = parseAddress(address);
  const bits = Number(bitsText);
  if (first === undefined || !/^\d{1,2}$/.test(bitsText) || bits > 32) {
    throw new AwsError(
      "InvalidParameterValue",
      `Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const size = 2 ** (32 - bits);
  const base = Math.floor(first / size) * size;
  return { first: base, last: base + size - 1, bits };
}

/** The addresses of one subnet. AWS keeps the first four and the last for itself. */
export class AddressPool {
  readonly #block: Block;
  readonly #taken = new Set<number>();
  #next: number;

  constructor(cidr: string) {
    this.#block = parseBlock(cidr);
    this.#next = this.#block.first + 4;
  }

  get free(): number {
    return this.#block.last - this.#block.first - 4 - this.#taken.size;
  }

  /** Takes any free address. Throws InsufficientFreeAddressesInSubnet. */
  take(): string {
    if (this.free <= 0) {
      throw new AwsError(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
      );
    }
    while (this.#taken.has(this.#next) || this.#next >= this.#block.last) {
      this.#next = this.#next >= this.#block.last ? this.#block.first + 4 : this.#next + 1;
    }
    this.#taken.add(this.#next);
    return formatAddress(this.#next);
  }

  /** Whether `text` could be claimed. Throws what EC2 answers otherwise. */
  check(text: string): number {
    const number = parseAddress(text);
    if (number === undefined) {
      throw new AwsError("InvalidParameterValue", `Invalid IPv4 address: ${text}`);
    }
    if (number < this.#block.first + 4 || number >= this.#block.last) {
      throw new AwsError("InvalidParameterValue", "Address does not fall within the subnet's address range");
    }
    if (this.#taken.has(number)) {
      throw new AwsError("InvalidIPAddress.InUse", "The specified address is already in use.");
    }
    return number;
  }

  claim(text: string): string {
    this.#taken.add(this.check(text));
    return text;
  }

  release(text: string): void {
    const number = parseAddress(text);
    if (number !== undefined) this.#taken.delete(number);
  }
}
