// What is wrong with a workload, all at once and each with its place: form first, then meaning.
import { ruleProblems, type AccessRule } from './access';
import { didYouMean } from './did-you-mean';
import { SERVICE_ENV } from './env';
import { formProblems, problem, shown, soundParts, type Problem } from './form';
import {
  extendWorkload,
  keyVariable,
  tableVariable,
  type Statement,
  type Workload,
  type WorkloadExtension,
} from './workload';
import {
  declarationSchema,
  extensionSchema,
  KEY_ACTIONS,
  TABLE_ACTIONS,
  type Declaration,
  type WorkloadFile,
} from './workload-schema';

/** The parts of a declaration that have the right form. */
type Parts = Partial<Declaration & Pick<WorkloadFile, 'rights'>>;

/**
 * Every problem of a declaration in TypeScript, as sentences; none when it may be used.
 * @param workload Taken for what it claims to be only as far as it is.
 */
export function workloadProblems(workload: Workload): string[] {
  const { rights, ...declaration } = workload;
  const form = formProblems(declarationSchema, declaration);
  return [
    ...form,
    ...meaningProblems(soundParts(declarationSchema, declaration)),
    ...(form.length === 0 ? rightsProblems(workload, rights) : []),
  ].map(({ text }) => text);
}

/**
 * Every problem of what a stack adds to a workload, as sentences.
 * @param workload The workload, when it has no problem itself.
 */
export function extensionProblems(
  workload: Workload | undefined,
  extension: WorkloadExtension,
): string[] {
  const { tables, keys, ...extended } =
    workload === undefined
      ? { tables: {}, keys: {}, ...extension }
      : extendWorkload(workload, extension);
  return [
    ...formProblems(extensionSchema, extension),
    ...badVariables({ tables, keys, ...soundParts(extensionSchema, extended) }),
  ].map(({ text }) => text);
}

/** What is wrong although every part has the right form. */
export function meaningProblems(parts: Parts): Problem[] {
  return [
    ...reservedNames(parts),
    ...takenPort(parts),
    ...contradictingRules(parts),
    ...Object.entries(parts.tables ?? {}).flatMap(([name, table]) => badTable(name, table)),
    ...badVariables(parts),
    ...badRights(parts),
  ];
}

/** Names of the platform's own table and of the key that encrypts all tables. */
const RESERVED = ['keys', 'tables'];

function reservedNames({ tables = {}, keys = {} }: Parts): Problem[] {
  const isReserved = (name: string): boolean =>
    RESERVED.includes(name) || name.startsWith('tables-');
  return Object.entries({ tables, keys }).flatMap(([field, declared]) =>
    Object.keys(declared)
      .filter(isReserved)
      .map((name) =>
        problem([field, name], `has a name that the platform uses itself: choose another.`),
      ),
  );
}

/**
 * Ports of the telemetry collector, which shares the task's network: OTLP over gRPC and HTTP, its
 * own metrics, its health.
 */
const COLLECTOR_PORTS = [4317, 4318, 8888, 13_133];

function takenPort({ port }: Parts): Problem[] {
  if (port === undefined || !COLLECTOR_PORTS.includes(port)) return [];
  return [problem(['port'], `is ${port}, which the telemetry collector uses: choose another.`)];
}

function contradictingRules({ rules, scopes }: Parts): Problem[] {
  if (rules === undefined || scopes === undefined) return [];
  return ruleProblems(rules as readonly AccessRule[], Object.keys(scopes)).map((text) => {
    const [, number] = /^rule (\d+)/.exec(text) as unknown as [string, string];
    return { path: ['rules', Number(number) - 1], text: `rules: ${text}` };
  });
}

type TableForm = NonNullable<Parts['tables']>[string];

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MOST_INDEXES = 20;

function badTable(name: string, table: TableForm): Problem[] {
  const path = ['tables', name];
  const indexes = Object.entries(table.indexes ?? {});
  const types = new Map<string, string>();
  const typeProblems = [table, ...indexes.map(([, index]) => index)]
    .flatMap(({ partitionKey, sortKey = {} }) => [
      ...Object.entries(partitionKey),
      ...Object.entries(sortKey),
    ])
    .filter(([attribute, type]) => {
      const known = types.get(attribute) ?? type;
      types.set(attribute, known);
      return known !== type;
    })
    .map(([attribute]) =>
      problem(path, `gives the key attribute ${attribute} two types: DynamoDB takes one.`),
    );
  const twice = [
    [path, table] as const,
    ...indexes.map(([index, spec]) => [[...path, 'indexes', index], spec] as const),
  ].filter(([, { partitionKey, sortKey = {} }]) =>
    Object.keys(sortKey).some((attribute) => Object.hasOwn(partitionKey, attribute)),
  );
  return [
    ...typeProblems,
    ...twice.map(([place]) => problem(place, 'has one attribute for both keys: name two.')),
    ...(indexes.length > MOST_INDEXES
      ? [problem(path, `has ${indexes.length} indexes: DynamoDB takes ${MOST_INDEXES}.`)]
      : []),
  ];
}

/** Variables that the platform sets, of which a workload must not say anything else. */
const PLATFORM_VARIABLES: readonly string[] = [
  SERVICE_ENV.port,
  SERVICE_ENV.originSecret,
  SERVICE_ENV.logLevel,
  SERVICE_ENV.bodyLimitBytes,
  SERVICE_ENV.requestTimeoutSeconds,
  SERVICE_ENV.stack,
];
/** What the AWS SDK, ECS, Lambda and OpenTelemetry's SDK are told is the platform's to say. */
const PLATFORM_PREFIX = /^(AWS|ECS|LAMBDA|OTEL)_/i;

/** Variables, and what the platform makes variables for. */
interface Variables extends Partial<WorkloadExtension> {
  readonly tables?: object | undefined;
  readonly keys?: object | undefined;
}

function badVariables({
  tables = {},
  keys = {},
  environment = {},
  secrets = {},
}: Variables): Problem[] {
  const made = new Map([
    ...Object.keys(tables).map((name) => [tableVariable(name), `the table ${name}`] as const),
    ...Object.keys(keys).map((name) => [keyVariable(name), `the key ${name}`] as const),
  ]);
  return Object.entries({ environment, secrets }).flatMap(([field, declared]) =>
    Object.keys(declared).flatMap((name) => {
      const path = [field, name];
      const origin = made.get(name);
      if (origin !== undefined) return [problem(path, `is set already, for ${origin}: remove it.`)];
      if (PLATFORM_VARIABLES.includes(name) || PLATFORM_PREFIX.test(name)) {
        return [problem(path, 'is set by the platform: remove it, or choose another name.')];
      }
      return field === 'secrets' && Object.hasOwn(environment, name)
        ? [problem(path, 'is in environment, too: remove one of them.')]
        : [];
    }),
  );
}

function badRights({ rights = [], tables, keys }: Parts): Problem[] {
  return rights.flatMap(({ table, key, actions }, index) => {
    const path = ['rights', index];
    if (table !== undefined) {
      return [
        ...undeclared([...path, 'table'], table, tables, 'table'),
        ...unknownActions(path, actions, 'dynamodb', TABLE_ACTIONS),
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

/** Looks at the statements of rights that are code, with made-up ARNs. */
function rightsProblems(workload: Workload, rights: unknown): Problem[] {
  if (typeof rights !== 'function') {
    return [problem(['rights'], `is ${shown(rights)}, expected a function of the resources.`)];
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
      workload.rights({
        stack: 'dev',
        region: 'eu-central-1',
        accountId: '123456789012',
        tables: arnsOf(workload.tables, 'dynamodb'),
        keys: arnsOf(workload.keys, 'kms'),
        environment: workload.environment,
      }),
    );
  } catch (error) {
    return [problem(['rights'], `fails: ${(error as Error).message}`)];
  }
}

function statementProblems(statements: readonly Statement[]): Problem[] {
  const names = statements.map(({ Sid }) => Sid);
  return statements.flatMap(({ Sid, Effect, Action }, index) => {
    const path = ['rights', index];
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
