// What is wrong with a workload, all at once and each with its place: form first, then meaning.
import { ruleProblems, type AccessRule } from './access';
import { SERVICE_ENV } from './env';
import { formProblems, problem, soundParts, type Problem } from './form';
import {
  extendWorkload,
  functionVariable,
  keyVariable,
  tableVariable,
  type Workload,
  type WorkloadExtension,
} from './workload';
import {
  declarationSchema,
  extensionSchema,
  type Declaration,
  type WorkloadFile,
} from './workload-schema';
import { codedRightsProblems, declaredRightsProblems } from './workload-rights';

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

/** Of the process and of every function, whether it would be made or not. */
function rightsProblems(workload: Workload, rights: unknown): Problem[] {
  return [
    ...codedRightsProblems(workload, rights),
    ...Object.entries(workload.functions ?? {}).flatMap(([name, spec]) =>
      codedRightsProblems(workload, spec.rights, ['functions', name, 'rights']),
    ),
  ];
}

/**
 * Every problem of what a stack adds to a workload, as sentences.
 * @param workload The workload, when it has no problem itself.
 */
export function extensionProblems(
  workload: Workload | undefined,
  extension: WorkloadExtension,
): string[] {
  const { tables, keys, functions, ...extended }: Variables =
    workload === undefined ? extension : extendWorkload(workload, extension);
  return [
    ...formProblems(extensionSchema, extension),
    ...badVariables({ tables, keys, functions, ...soundParts(extensionSchema, extended) }),
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
    ...declaredRightsProblems(parts),
  ];
}

/** Names of the platform's own table and keys: those that encrypt tables, logs and alarms. */
const RESERVED = ['keys', 'tables', 'telemetry'];

function reservedNames({ tables = {}, keys = {} }: Parts): Problem[] {
  const isReserved = (name: string): boolean =>
    RESERVED.includes(name) || /^(tables|telemetry)-/.test(name);
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
  SERVICE_ENV.previousOriginSecret,
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
  readonly functions?: object | undefined;
}

function badVariables({
  tables = {},
  keys = {},
  functions = {},
  environment = {},
  secrets = {},
}: Variables): Problem[] {
  const made = new Map([
    ...Object.keys(tables).map((name) => [tableVariable(name), `the table ${name}`] as const),
    ...Object.keys(keys).map((name) => [keyVariable(name), `the key ${name}`] as const),
    ...Object.keys(functions).map(
      (name) => [functionVariable(name), `the function ${name}`] as const,
    ),
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
