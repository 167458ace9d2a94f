// Condition blocks of IAM statements: operators, set modifiers, and what an absent key means.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import { BlockList, isIP } from 'node:net';
import { many, matches } from './patterns';

/** Operator to condition key to the values that a policy names. */
export type ConditionBlock = Readonly<
  Record<string, Readonly<Record<string, string | readonly string[]>>>
>;

/** Values of condition keys of one request; a key may have several values (`dynamodb:Attributes`). */
export type RequestContext = Readonly<Record<string, string | readonly string[] | undefined>>;

type Test = (given: string, wanted: string) => boolean;

const POSITIVE: Readonly<Record<string, Test>> = {
  StringEquals: (given, wanted) => given === wanted,
  StringEqualsIgnoreCase: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  StringLike: (given, wanted) => matches(wanted, given),
  ArnEquals: (given, wanted) => matches(wanted, given),
  ArnLike: (given, wanted) => matches(wanted, given),
  Bool: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  BinaryEquals: (given, wanted) => given === wanted,
  IpAddress: inBlock,
  NumericEquals: (given, wanted) => Number(given) === Number(wanted),
  NumericLessThan: (given, wanted) => Number(given) < Number(wanted),
  NumericLessThanEquals: (given, wanted) => Number(given) <= Number(wanted),
  NumericGreaterThan: (given, wanted) => Number(given) > Number(wanted),
  NumericGreaterThanEquals: (given, wanted) => Number(given) >= Number(wanted),
  DateEquals: (given, wanted) => Date.parse(given) === Date.parse(wanted),
  DateLessThan: (given, wanted) => Date.parse(given) < Date.parse(wanted),
  DateLessThanEquals: (given, wanted) => Date.parse(given) <= Date.parse(wanted),
  DateGreaterThan: (given, wanted) => Date.parse(given) > Date.parse(wanted),
  DateGreaterThanEquals: (given, wanted) => Date.parse(given) >= Date.parse(wanted),
};

/** Each is true when its counterpart is not, and so for a key that the request does not have. */
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

/** Whether every condition of a block holds for a request. @throws Error for an unknown operator. */
export function holds(block: ConditionBlock, context: RequestContext): boolean {
  return Object.entries(block).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holdsFor(operator, many(wanted), valuesOf(context, key)),
    ),
  );
}

/** Condition keys are compared without regard to case. */
function valuesOf(context: RequestContext, key: string): readonly string[] | undefined {
  const found = Object.keys(context).find((each) => each.toLowerCase() === key.toLowerCase());
  const value = found === undefined ? undefined : context[found];
  return value === undefined ? undefined : many(value);
}

function holdsFor(
  operator: string,
  wanted: readonly string[],
  given: readonly string[] | undefined,
): boolean {
  if (operator === 'Null') {
    return wanted.some((text) => (text.toLowerCase() === 'true') === (given === undefined));
  }
  const [, modifier, name = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const counterpart = NEGATED[name];
  const test = POSITIVE[counterpart ?? name];
  if (test === undefined) throw new Error(`IAM has no condition operator "${operator}".`);
  const isNegated = counterpart !== undefined;
  const one = (value: string): boolean => wanted.some((each) => test(value, each)) !== isNegated;
  if (given === undefined)
    return (
      ifExists !== undefined || modifier === 'ForAllValues' || (isNegated && modifier === undefined)
    );
  return modifier === 'ForAllValues' ? given.every(one) : given.some(one);
}

function inBlock(address: string, block: string): boolean {
  const [start = '', bits] = block.split('/');
  const family = isIP(start) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(start) === 0 || isIP(address) === 0) return false;
  const list = new BlockList();
  list.addSubnet(start, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
