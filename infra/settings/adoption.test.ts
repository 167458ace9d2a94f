// Tests of what a stack may take over.
import { adoptionProblems } from './adoption';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const NOTHING = {
  adoptTables: {},
  adoptKeys: {},
  region: 'eu-central-1',
  replicaRegions: ['us-east-1'],
  edgeLogRegions: ['eu-west-1'],
};
const WORKLOAD = {
  tables: { users: { partitionKey: { id: 'S' } } },
  keys: { credentials: { purpose: 'credentials' } },
} as const;
const problems = (adopted: Partial<typeof NOTHING>): string[] =>
  adoptionProblems({ ...NOTHING, ...adopted }, WORKLOAD);

describe('adoptionProblems', () => {
  it("takes the workload's names and the platform's own", () => {
    const adoptTables = { users: 'gh-users-1', keys: 'gh-keys-1' };
    const ids = [
      'credentials',
      'tables',
      'tables-us-east-1',
      'telemetry',
      'telemetry-us-east-1',
      'telemetry-eu-west-1',
    ].map((name, index) => [name, ID.replace('1234', `123${index}`)]);
    expect(problems({ adoptTables, adoptKeys: Object.fromEntries(ids) as object })).toEqual([]);
  });

  it('says which name was probably meant', () => {
    expect(problems({ adoptTables: { user: 'gh-users-1' } })).toEqual([
      'gatehouse:adoptTables.user is nothing that this stack has. Did you mean users?',
    ]);
    expect(problems({ adoptKeys: { 'tables-sa-east-1': ID } })).toEqual([
      expect.stringMatching(/^gatehouse:adoptKeys.tables-sa-east-1 is nothing .* Did you mean /),
    ]);
  });

  it.each([
    [{ adoptTables: { users: 'arn:aws:dynamodb:x' } }, 'expected the name of a table'],
    [{ adoptKeys: { tables: 'alias/tables' } }, 'expected the id of a KMS key'],
    [{ adoptTables: { users: 'gh-a-1', keys: 'gh-a-1' } }, 'another line of adoptTables names'],
  ])('refuses %j', (adopted, message) => {
    const found = problems(adopted);
    expect(found.length).toBeGreaterThan(0);
    for (const text of found) expect(text).toContain(message);
  });

  it('takes replicas of a multi-region key, which share its id', () => {
    const id = `mrk-${'0'.repeat(32)}`;
    expect(problems({ adoptKeys: { telemetry: id, 'telemetry-us-east-1': id } })).toEqual([]);
  });
});
