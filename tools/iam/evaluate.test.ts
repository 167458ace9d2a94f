// Tests of the IAM evaluator: the rules of AWS's guide, one by one.
import { evaluate, statementsOf, type AccessRequest, type PolicyStatement } from './evaluate';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders';
const get: AccessRequest = { action: 'dynamodb:GetItem', resource: TABLE };
const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: TABLE,
  ...more,
});
const decide = (statements: PolicyStatement[], request = get) =>
  evaluate([{ Statement: statements }], request).reason;
const under = (
  Condition: PolicyStatement['Condition'],
  context: AccessRequest['context'],
): boolean => evaluate([{ Statement: allow({ Condition }) }], { ...get, context }).allowed;

describe('evaluate', () => {
  it('denies what nobody allows, and lets a Deny win over every Allow', () => {
    expect(decide([])).toBe('implicit-deny');
    expect(decide([allow()])).toBe('allowed');
    expect(decide([allow(), allow({ Effect: 'Deny' })])).toBe('explicit-deny');
    expect(
      evaluate([{ Statement: allow() }, { Statement: allow({ Effect: 'Deny', Sid: 'No' }) }], get),
    ).toMatchObject({ allowed: false, statement: { Sid: 'No' } });
  });

  it('compares actions without regard to case, resources with', () => {
    expect(decide([allow({ Action: 'DynamoDB:getitem' })])).toBe('allowed');
    expect(decide([allow({ Resource: TABLE.replace('orders', 'Orders') })])).toBe('implicit-deny');
  });

  it.each([
    ['dynamodb:*', TABLE, true],
    ['dynamodb:Get*', TABLE, true],
    ['dynamodb:GetIte?', '*', true],
    ['dynamodb:Put*', '*', false],
    ['dynamodb.GetItem', '*', false],
    ['*', 'arn:aws:dynamodb:*:123456789012:table/ord*', true],
    ['*', 'arn:aws:dynamodb:*:123456789012:table/o', false],
  ])('matches %s on %s: %s', (Action, Resource, allowed) => {
    expect(decide([allow({ Action, Resource })]) === 'allowed').toBe(allowed);
  });

  it('knows NotAction and NotResource', () => {
    expect(decide([allow({ Action: undefined, NotAction: 'kms:*' })])).toBe('allowed');
    expect(decide([allow({ Action: undefined, NotAction: 'dynamodb:*' })])).toBe('implicit-deny');
    expect(decide([allow({ Resource: undefined, NotResource: TABLE })])).toBe('implicit-deny');
    expect(decide([allow({ Resource: undefined, NotResource: 'arn:other' })])).toBe('allowed');
  });

  it('fills policy variables in, and matches nothing without a value', () => {
    const Resource = 'arn:aws:s3:::home/${aws:PrincipalTag/team}/*';
    const request = { action: 'dynamodb:GetItem', resource: 'arn:aws:s3:::home/red/a' };
    const context = { 'aws:PrincipalTag/team': 'red' };
    expect(decide([allow({ Resource })], { ...request, context })).toBe('allowed');
    expect(decide([allow({ Resource })], request)).toBe('implicit-deny');
  });

  it.each([
    [{ StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true],
    [{ StringEquals: { K: 'a' } }, { k: 'a' }, true],
    [{ StringEquals: { k: 'a' } }, {}, false],
    [{ StringEqualsIfExists: { k: 'a' } }, {}, true],
    [{ StringEqualsIfExists: { k: 'a' } }, { k: 'b' }, false],
    [{ StringNotEquals: { k: 'a' } }, {}, true],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false],
    [{ StringLike: { k: 'a*' } }, { k: 'abc' }, true],
    [{ ArnLike: { k: 'arn:aws:sns:*:1:t' } }, { k: 'arn:aws:sns:x:1:t' }, true],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'false' }, true],
    [{ Null: { k: 'true' } }, {}, true],
    [{ Null: { k: 'false' } }, {}, false],
    [{ Null: { k: 'false' } }, { k: 'x' }, true],
    [{ NumericLessThanEquals: { k: '10' } }, { k: '10' }, true],
    [{ NumericGreaterThan: { k: '10' } }, { k: '10' }, false],
    [{ DateLessThan: { k: '2026-01-02T00:00:00Z' } }, { k: '2026-01-01T00:00:00Z' }, true],
    [{ IpAddress: { k: '203.0.113.0/24' } }, { k: '203.0.113.9' }, true],
    [{ IpAddress: { k: '203.0.113.0/24' } }, { k: '198.51.100.1' }, false],
    [{ NotIpAddress: { k: '2001:db8::/32' } }, { k: '2001:db8::1' }, false],
    [{ IpAddress: { k: '203.0.113.9' } }, { k: '203.0.113.9' }, true],
    [{ IpAddress: { k: '203.0.113.9' } }, { k: 'no address' }, false],
    [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'b'] }, true],
    [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'c'] }, false],
    [{ 'ForAllValues:StringEquals': { k: 'a' } }, {}, true],
    [{ 'ForAnyValue:StringEquals': { k: 'a' } }, { k: ['a', 'c'] }, true],
    [{ 'ForAnyValue:StringEquals': { k: 'a' } }, {}, false],
  ])('%j over %j is %s', (condition, context, expected) => {
    expect(under(condition as PolicyStatement['Condition'], context)).toBe(expected);
  });

  it('needs all conditions of a block', () => {
    const both = { StringEquals: { a: '1', b: '2' }, Null: { c: 'true' } };
    expect(under(both, { a: '1', b: '2' })).toBe(true);
    expect(under(both, { a: '1', b: '3' })).toBe(false);
    expect(under(both, { a: '1', b: '2', c: 'x' })).toBe(false);
  });

  it('refuses an operator that IAM does not have, and a document that is none', () => {
    expect(() => under({ StringIs: { k: 'a' } }, { k: 'a' })).toThrow('no condition operator');
    expect(() => statementsOf('{')).toThrow('is not JSON');
    expect(() => statementsOf('{}')).toThrow('has no Statement');
  });
});
