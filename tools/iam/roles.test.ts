// Tests of what each role can do: every sentence is put to the evaluator, on both stacks.
import { stackOf } from '../../infra/testing/stacks';
import type { Recording } from '../../recorder/record';
import { evaluate, statementsOf } from './evaluate';
import { many } from './patterns';
import { documentsOf, outputOf } from './recorded-role';
import { PER_USER_SENTENCES } from './per-user-roles';
import { ROLE_SENTENCES, rightsPage } from './roles';
import { SHIFT } from './sentences';

describe.each([
  ['dev', 'rolling', 'shared'],
  ['prod', 'canary', 'shared'],
  ['dev', 'canary', 'per-user'],
  ['prod', 'rolling', 'per-user'],
])('the roles of %s, %s, keys %s', (stack, deployment, keys) => {
  let recording: Recording;
  beforeAll(async () => {
    ({ recording } = await stackOf(stack, {
      deployment,
      environment: { CREDENTIAL_KEYS: keys },
    }));
  });
  const common = ROLE_SENTENCES.filter(({ role }) => role !== SHIFT || deployment !== 'rolling');
  const sentences = keys === 'shared' ? common : PER_USER_SENTENCES;

  it.each(
    sentences.map((each) => [each.role, each.can ? 'can' : "can't", each.what, each] as const),
  )('%s %s %s', (role, _can, _what, { can, request }) => {
    const documents = documentsOf(recording, role);
    expect(documents.length).toBeGreaterThan(0);
    expect(evaluate(documents, request(recording)).allowed).toBe(can);
  });

  it('are all spoken of', () => {
    const roles = recording.resources
      .filter(({ type }) => type === 'aws:iam/role:Role')
      .map(({ name }) => name);
    const spokenOf = [...common, ...sentences].map(({ role }) => role);
    expect([...new Set(spokenOf)].sort()).toEqual(roles.sort());
  });

  it('allow no action by a wildcard, and none of IAM or STS', () => {
    for (const { type, inputs } of recording.resources) {
      if (type !== 'aws:iam/rolePolicy:RolePolicy') continue;
      const allowed = statementsOf(String(inputs.policy)).filter(
        ({ Effect }) => Effect === 'Allow',
      );
      for (const action of allowed.flatMap(({ Action }) => many(Action))) {
        expect(action).not.toMatch(/\*|^iam:|^sts:/);
      }
    }
  });
});

describe('outputOf', () => {
  it('says what is not there', async () => {
    const { recording } = await stackOf('dev');
    expect(() => outputOf(recording, 'aws:sqs/queue:Queue', 'gh-queue', 'arn')).toThrow('has no');
  });
});

describe('rightsPage', () => {
  it('has every sentence', () => {
    for (const { what } of [...ROLE_SENTENCES, ...PER_USER_SENTENCES])
      expect(rightsPage()).toContain(what);
  });
});
