// What an operation of the test's account is, and how it finds what it is about.
import type { Account } from './aws-account';
import { Fault, type Call } from './aws-protocols';

/** What an operation takes and answers, by name. */
export type Fields = Record<string, unknown>;

/** One operation: changes the account and answers. */
export type Operation = (account: Account, call: Call) => Fields;

/** An ARN of the account. */
export function arnOf(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:123456789012:${resource}`;
}

/** Takes an item out of a list. */
export function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}

/** @throws Fault with the code, as the API does, when there is no such thing. */
export function found<T>(item: T | undefined, code: string, what: unknown): T {
  if (item === undefined) throw new Fault(code, `${String(what)} does not exist.`, 404);
  return item;
}
