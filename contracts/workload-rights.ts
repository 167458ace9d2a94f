// Rights of a workload: their form in a file, and what is wrong with them there and in code.
import { z } from 'zod';
import { didYouMean } from './did-you-mean';
import { closed, mapping, problem, shown, text, type Problem } from './form';
import { TABLE_ACTIONS, WRITE_ONLY_ACTIONS } from './table-actions';
import type { Statement, TableSpec, Workload } from './workload';

/**
 * Actions with a symmetric key.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
export const KEY_ACTIONS = [
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
] as const;

const RIGHT =
  'a right: { table: orders, actions: [GetItem] }, { key: seals, actions: [Encrypt] } or { actions: [s3:GetObject], resources: [arn:…] }';
const conditionValue = z.union([z.string(), z.array(z.string())], {
  error: 'a text or a list of texts',
});

/** One right of a workload file. */
export const rightSchema = closed(
  {
    table: z.string({ error: 'the name of a table' }).optional(),
    key: z.string({ error: 'the name of a key' }).optional(),
    resources: z
      .array(text(/^(\*|arn:aws:[a-z0-9-]+:[^\s]+)$/, 'an ARN'), { error: 'a list of ARNs' })
      .min(1, { error: 'an ARN at least' })
      .optional(),
    actions: z
      .array(z.string({ error: 'an action' }), { error: 'a list of actions' })
      .min(1, { error: 'an action at least' }),
    conditions: mapping(
      text(/^[A-Za-z:]{1,64}$/, 'an operator of IAM, such as StringEquals'),
      z.record(z.string(), conditionValue, { error: 'a mapping of condition keys to values' }),
      'a mapping of operators to condition keys',
    ).optional(),
  },
  RIGHT,
)
  .refine(
    ({ table: tableName, key, resources }) =>
      [tableName, key, resources].filter((each) => each !== undefined).length === 1,
    { error: 'one of table, key and resources' },
  )
  .meta({
    oneOf: [{ required: ['table'] }, { required: ['key'] }, { required: ['resources'] }],
  });

/** Rights of a workload file, and what they may speak of as far as it is known. */
interface DeclaredRights {
  readonly rights?: readonly z.infer<typeof rightSchema>[] | undefined;
  readonly tables?: Readonly<Record<string, Pick<TableSpec, 'writeOnly'>>> | undefined;
  readonly keys?: object | undefined;
}

/** What is wrong with rights that have the right form. */
export function declaredRightsProblems({ rights = [], tables, keys }: DeclaredRights): Problem[] {
  return rights.flatMap(({ table, key, actions }, index) => {
    const path = ['rights', index];
    if (table !== undefined) {
      return [
        ...undeclared([...path, 'table'], table, tables, 'table'),
        ...unknownActions(path, actions, 'dynamodb', TABLE_ACTIONS),
        ...(tables?.[table]?.writeOnly === true ? reads(path, actions) : []),
      ];
    }
    if (key !== undefined) {
      return [
        ...undeclared([...path, 'key'], key, keys, 'key'),
        ...unknownActions(path, actions, 'kms', KEY_ACTIONS),
      ];
    }
    return actions.flatMap((action, position) =>
      /^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action)
        ? []
        : [
            problem(
              [...path, 'actions', position],
              `is ${shown(action)}, expected one action by its full name, such as s3:GetObject.`,
            ),
          ],
    );
  });
}

/** Of a table that is written and never read. */
function reads(path: readonly PropertyKey[], actions: readonly string[]): Problem[] {
  return actions.flatMap((action, position) =>
    WRITE_ONLY_ACTIONS.includes(action)
      ? []
      : [
          problem(
            [...path, 'actions', position],
            `is ${shown(action)}, which a writeOnly table does not take: ${WRITE_ONLY_ACTIONS.join(', ')}.`,
          ),
        ],
  );
}

function undeclared(
  path: readonly PropertyKey[],
  name: string,
  declared: object | undefined,
  kind: string,
): Problem[] {
  // What is wrong itself has been said already.
  if (declared === undefined || Object.hasOwn(declared, name)) return [];
  const known = Object.keys(declared);
  const hint = known.length === 0 ? `There is no ${kind}.` : didYouMean(name, known);
  return [problem(path, `is ${shown(name)}, which is no ${kind} of this workload. ${hint}`)];
}

function unknownActions(
  path: readonly PropertyKey[],
  actions: readonly string[],
  service: string,
  known: readonly string[],
): Problem[] {
  return actions.flatMap((action, position) =>
    known.includes(action)
      ? []
      : [
          problem(
            [...path, 'actions', position],
            `is ${shown(action)}, which is no action here. ${didYouMean(action.replace(`${service}:`, ''), known)}`,
          ),
        ],
  );
}

/**
 * What is wrong with rights that are code, by the statements that they make of made-up ARNs.
 * @param path Where they stand: those of the process, or of a function.
 */
export function codedRightsProblems(
  workload: Workload,
  rights: unknown,
  path: readonly PropertyKey[] = ['rights'],
): Problem[] {
  if (typeof rights !== 'function') {
    return [problem(path, `is ${shown(rights)}, expected a function of the resources.`)];
  }
  const arnsOf = (declared: object, service: string): Record<string, string> =>
    Object.fromEntries(
      Object.keys(declared).map((name) => [
        name,
        `arn:aws:${service}:eu-central-1:123456789012:${name}`,
      ]),
    );
  try {
    return statementProblems(
      path,
      (rights as Workload['rights'])({
        stack: 'dev',
        region: 'eu-central-1',
        accountId: '123456789012',
        tables: arnsOf(workload.tables, 'dynamodb'),
        keys: arnsOf(workload.keys, 'kms'),
        environment: workload.environment,
      }),
    );
  } catch (error) {
    return [problem(path, `fails: ${(error as Error).message}`)];
  }
}

function statementProblems(
  place: readonly PropertyKey[],
  statements: readonly Statement[],
): Problem[] {
  const names = statements.map(({ Sid }) => Sid);
  return statements.flatMap(({ Sid, Effect, Action }, index) => {
    const path = [...place, index];
    const wild = [Action].flat().filter((action) => action.includes('*'));
    return [
      ...(/^[A-Za-z0-9]+$/.test(Sid) && names.indexOf(Sid) === index
        ? []
        : [problem(path, `has the Sid ${shown(Sid)}, expected letters and digits, once only.`)]),
      ...(Effect === 'Allow' && wild.length > 0
        ? [problem(path, `allows ${wild.join(', ')}: name each action that is needed.`)]
        : []),
    ];
  });
}
