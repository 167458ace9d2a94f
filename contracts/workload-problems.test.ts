// Tests of what is found wrong with a declaration in TypeScript.
import type { Statement, Workload } from './workload';
import { workloadProblems } from './workload-problems';

const STATEMENT: Statement = {
  Sid: 'Read',
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: 'arn:aws:dynamodb:eu-central-1:123456789012:table/notes',
};

const NOTES: Workload = {
  name: 'notes',
  port: 8080,
  health: '/healthz',
  errors: 'problem',
  scopes: { 'notes:read': 'Read notes.' },
  rules: [{ methods: ['GET'], path: '/notes/**', scope: 'notes:read' }],
  tables: { notes: { partitionKey: { id: 'S' } } },
  keys: { seals: { purpose: 'seals' } },
  environment: {},
  secrets: {},
  rights: ({ tables, keys }) => [
    { ...STATEMENT, Resource: String(tables.notes) },
    { Sid: 'Seal', Effect: 'Allow', Action: ['kms:Encrypt'], Resource: String(keys.seals) },
    { Sid: 'NoMore', Effect: 'Deny', Action: 'kms:*', Resource: '*' },
  ],
};

const withRights = (rights: unknown): Workload => ({
  ...NOTES,
  rights: rights as Workload['rights'],
});

describe('workloadProblems', () => {
  it('has nothing to say of a good declaration', () => {
    expect(workloadProblems(NOTES)).toEqual([]);
    expect(workloadProblems({ ...NOTES, local: { command: ['node', 'main.js'] } })).toEqual([]);
  });

  it('looks at form and meaning as in a workload file, without lines', () => {
    expect(
      workloadProblems({
        ...NOTES,
        name: 'No',
        rules: [{ methods: ['GET'], path: '/notes/**', scope: 'notes:write' }],
        environment: { PORT: '1' },
        helth: '/x',
      } as Workload),
    ).toEqual([
      expect.stringMatching(/^name is "No", expected/),
      '"helth" is not known here. Did you mean health?',
      'rules: rule 1 (GET /notes/**) asks for the scope "notes:write", which is not declared.',
      'environment.PORT is set by the platform: remove it, or choose another name.',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['that are no function', [], 'rights is [], expected a function of the resources.'],
    ['that are not there', undefined, 'rights is undefined, expected a function of the resources.'],
    [
      'that fail',
      () => {
        throw new Error('no such table');
      },
      'rights fails: no such table',
    ],
    [
      'with a Sid twice',
      () => [STATEMENT, STATEMENT],
      'rights[1] has the Sid "Read", expected letters and digits, once only.',
    ],
    [
      'with a Sid that IAM refuses',
      () => [{ ...STATEMENT, Sid: 'read-it' }],
      'rights[0] has the Sid "read-it", expected letters and digits, once only.',
    ],
    [
      'that allow what they do not name',
      () => [{ ...STATEMENT, Action: ['dynamodb:*'] }],
      'rights[0] allows dynamodb:*: name each action that is needed.',
    ],
  ])('refuses rights %s', (_, rights, message) => {
    expect(workloadProblems(withRights(rights))).toEqual([message]);
  });

  it('cuts what would fill the screen', () => {
    const [problem = ''] = workloadProblems({ ...NOTES, name: 'x'.repeat(1000) });
    expect(problem.length).toBeLessThan(250);
  });
});
