// Reads a workload file: YAML in, a workload out, or every problem with its line.
import { isScalar, visit, type Document } from 'yaml';
import type { AccessRule } from './access';
import { formProblems, soundParts, type Problem } from './form';
import type { Statement, Workload, WorkloadResources } from './workload';
import { meaningProblems } from './workload-problems';
import { workloadFileSchema, type WorkloadFile } from './workload-schema';
import { readYaml } from './yaml-source';

/** A workload that may be used, or why there is none: whole sentences, each with its line. */
export type WorkloadReading =
  { readonly workload: Workload } | { readonly problems: readonly string[] };

/**
 * Reads the text of a workload file; never throws, whatever the text is.
 * @param source YAML, or JSON, which is YAML.
 */
export function readWorkloadFile(source: string): WorkloadReading {
  const read = readYaml(source);
  if ('problems' in read) return read;
  const { document, value, line } = read;
  const problems = [
    ...forbiddenKeys(document),
    ...formProblems(workloadFileSchema, value),
    ...meaningProblems(soundParts(workloadFileSchema, value)),
  ];
  if (problems.length === 0) return { workload: workloadOf(workloadFileSchema.parse(value)) };
  return {
    problems: problems
      .map(({ path, text }) => ({ line: line(path), text }))
      .sort((one, other) => one.line - other.line)
      .map(({ line, text }) => `line ${line}: ${text}`),
  };
}

/** JavaScript's one special key, which would otherwise vanish unseen. */
function forbiddenKeys(document: Document): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__') {
        problems.push({ path: [], text: '"__proto__" can\'t be a name.' });
      }
    },
  });
  return problems;
}

function workloadOf({ rights, rules, local, ...rest }: WorkloadFile): Workload {
  return {
    ...rest,
    ...(local === undefined ? {} : { local }),
    rules: rules as readonly AccessRule[],
    rights: (resources) => rights.map((right, index) => statementOf(right, index, resources)),
  };
}

function statementOf(
  { table, key, actions, resources = [], conditions }: WorkloadFile['rights'][number],
  index: number,
  { tables, keys }: WorkloadResources,
): Statement {
  const prefix = table !== undefined ? 'dynamodb:' : key !== undefined ? 'kms:' : '';
  const arns =
    table !== undefined
      ? [arnOf(tables, table), `${arnOf(tables, table)}/index/*`]
      : key !== undefined
        ? [arnOf(keys, key)]
        : resources;
  return {
    Sid: `WorkloadRight${index + 1}`,
    Effect: 'Allow',
    Action: actions.map((action) => `${prefix}${action}`),
    Resource: arns,
    ...(conditions === undefined ? {} : { Condition: conditions }),
  };
}

function arnOf(arns: Readonly<Record<string, string>>, name: string): string {
  const arn = arns[name];
  if (arn === undefined) throw new Error(`The platform made no ${name}, which the file declares.`);
  return arn;
}
