// Tests of what is found wrong with a declaration in TypeScript.
import type { Statement, Workload } from './workload';
import { extendWorkload, functionsOf, functionVariable } from './workload';
import { extensionProblems, workloadProblems } from './workload-problems';

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

const ARN = 'arn:aws:ssm:eu-central-1:123456789012:parameter/x';

describe('extendWorkload', () => {
  it('lets the stack go before the declaration, whether a variable is in clear or not', () => {
    const declared = { ...NOTES, environment: { A1: 'a', B1: 'b' }, secrets: { C1: ARN } };
    const extended = extendWorkload(declared, {
      environment: { A1: 'x', C1: 'x' },
      secrets: { B1: ARN },
    });
    expect(extended).toMatchObject({ name: 'notes' });
    expect(extended.environment).toEqual({ A1: 'x', C1: 'x' });
    expect(extended.secrets).toEqual({ B1: ARN });
  });
});

describe('functionsOf', () => {
  const spec = { purpose: 'keeps keys', entry: 'src/keeper.ts', rights: () => [STATEMENT] };

  it('are those whose condition the environment meets', () => {
    const functions = { always: spec, never: { ...spec, when: { MODE: 'a', MORE: 'b' } } };
    expect(Object.keys(functionsOf({ functions, environment: { MODE: 'a' } }))).toEqual(['always']);
    const environment = { MODE: 'a', MORE: 'b' };
    expect(Object.keys(functionsOf({ functions, environment }))).toEqual(['always', 'never']);
    expect(functionsOf(NOTES)).toEqual({});
    expect(functionVariable('key-keeper')).toBe('KEY_KEEPER_FUNCTION');
  });

  it('are looked at like the rest of a declaration', () => {
    expect(workloadProblems({ ...NOTES, functions: { keeper: spec } })).toEqual([]);
    const bad = { ...spec, entry: '../elsewhere.js' };
    expect(workloadProblems({ ...NOTES, functions: { keeper: bad } })).toEqual([
      expect.stringMatching(/^functions.keeper.entry is "..\/elsewhere.js", expected a module/),
    ]);
    const wild = { ...spec, rights: () => [{ ...STATEMENT, Action: 'kms:*' }] };
    const environment = { KEEPER_FUNCTION: 'x' };
    expect(workloadProblems({ ...NOTES, environment, functions: { keeper: wild } })).toEqual([
      'environment.KEEPER_FUNCTION is set already, for the function keeper: remove it.',
      'functions.keeper.rights[0] allows kms:*: name each action that is needed.',
    ]);
  });
});

describe('extensionProblems', () => {
  const extension = {
    environment: { NOTES_TABLE: 'x', PORT: '80', BOTH: 'x' },
    secrets: { BOTH: ARN, SEALS_KEY_ARN: ARN },
  };

  it('holds what a stack adds against the workload', () => {
    expect(extensionProblems(NOTES, extension)).toEqual([
      'environment.NOTES_TABLE is set already, for the table notes: remove it.',
      'environment.PORT is set by the platform: remove it, or choose another name.',
      'secrets.BOTH is in environment, too: remove one of them.',
      'secrets.SEALS_KEY_ARN is set already, for the key seals: remove it.',
    ]);
  });

  it('says what it can where the workload itself has problems', () => {
    expect(extensionProblems(undefined, { ...extension, secrets: { BOTH: 'hunter2' } })).toEqual([
      expect.stringMatching(/^secrets.BOTH is "hunter2", expected the ARN of a secret/),
      'environment.PORT is set by the platform: remove it, or choose another name.',
    ]);
  });
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
