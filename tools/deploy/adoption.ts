// Tables and keys that outlive a stack: the lines by which a new one takes them over, and what `up` looks at before.
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { KEY_ID, TABLE_NAME, type Adoption } from '../../contracts/adoption';
import { readStackConfig } from '../../recorder/stack-file';
import { GONE, isFault, Region } from './aws';
import type { StateResource } from './engine';
import { DeployError, type Context } from './io';
import { settingsName, type Inventory } from './inventory';
import { shellQuoted } from './shell';
import { regionOf, shortName } from './stack-name';

/** Lines to paste before the `up` of a new stack; none for what an older release kept. */
export function adoptionLines(
  stack: string,
  { tables, keys }: Pick<Inventory, 'tables' | 'keys'>,
): string[] {
  return [
    ...tables.map((one) => ({ setting: 'adoptTables', ...one })),
    ...keys.map((one) => ({ setting: 'adoptKeys', ...one })),
  ].flatMap(({ setting, name, id }) =>
    name === undefined
      ? []
      : [
          ['npx', 'pulumi', 'config', 'set', '--stack', stack, '--path']
            .concat(`gatehouse:${setting}.${name}`, id)
            .map(shellQuoted)
            .join(' '),
        ],
  );
}

/** The same with what they are for; nothing when nothing is kept. */
export function adoptionAdvice(stack: string, kept: Pick<Inventory, 'tables' | 'keys'>): string[] {
  const lines = adoptionLines(stack, kept);
  if (lines.length === 0) return [];
  return [
    `A new "${stack}" takes them over, with their data, when these are set before "npm run up -- ${stack}":`,
    ...lines.map((line) => `  ${line}`),
  ];
}

/** What the settings of a stack name; what is wrong with its form the program itself says. */
function adoptionOf(stack: string): Adoption {
  const { project, values } = readStackConfig(shortName(stack));
  const read = (setting: string, legal: RegExp): Record<string, string> => {
    const text = values[`${project}:${setting}`] ?? values[`gatehouse:${setting}`] ?? '{}';
    const entries = Object.entries(JSON.parse(text) as object) as [string, unknown][];
    return Object.fromEntries(
      entries.filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && legal.test(entry[1]),
      ),
    );
  };
  return { tables: read('adoptTables', TABLE_NAME), keys: read('adoptKeys', KEY_ID) };
}

/**
 * Refuses before the engine begins what it would fail at, or what would cost data: something that is
 * not there, not ready, or in the place of what the stack would then delete.
 */
export async function refuseBadAdoption(
  context: Context,
  adoption: Adoption = adoptionOf(context.stack),
): Promise<void> {
  const { tables, keys } = adoption;
  if (Object.keys({ ...tables, ...keys }).length === 0) return;
  const home = regionOf(context.stack);
  const { resources } = await context.engine.state().catch(() => ({ resources: [] }));
  const problems = await Promise.all([
    ...Object.entries(tables).map(([name, id]) => tableProblem(home, name, id)),
    ...Object.entries(keys).map(([name, id]) => keyProblem(home, name, id)),
    ...Object.entries(tables).map(([name, id]) =>
      Promise.resolve(lossOf(context.stack, resources, name, id)),
    ),
  ]);
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length === 0) return;
  throw new DeployError(
    `Nothing was changed, for what "${context.stack}" is to adopt can't be:\n${found.map((line) => `  ${line}`).join('\n')}`,
  );
}

async function tableProblem(region: string, name: string, id: string): Promise<string | undefined> {
  const place = `gatehouse:adoptTables.${name} names the table ${id}, which`;
  try {
    const { Table } = await new Region(region)
      .dynamodb()
      .send(new DescribeTableCommand({ TableName: id }));
    if (Table?.TableStatus === 'ACTIVE' || Table?.TableStatus === 'UPDATING') return undefined;
    return (
      `${place} is ${Table?.TableStatus}: a restore takes from minutes to hours. Wait for it: ` +
      `"aws dynamodb wait table-exists --region ${region} --table-name ${id}".`
    );
  } catch (error) {
    if (!isFault(error, ...GONE)) throw error;
    return (
      `${place} is not in ${region} of this account: expected one that exists. ` +
      `"aws dynamodb list-tables --region ${region}" lists them.`
    );
  }
}

async function keyProblem(home: string, name: string, id: string): Promise<string | undefined> {
  const region = /^(?:tables|telemetry)-([a-z]{2}(?:-[a-z]+)+-\d)$/.exec(name)?.[1] ?? home;
  const place = `gatehouse:adoptKeys.${name} names the KMS key ${id}, which`;
  const at = `--region ${region} --key-id ${id}`;
  try {
    const { KeyMetadata } = await new Region(region)
      .kms()
      .send(new DescribeKeyCommand({ KeyId: id }));
    const state = KeyMetadata?.KeyState ?? 'unknown';
    if (state === 'Enabled') return undefined;
    const first = state === 'PendingDeletion' ? `aws kms cancel-key-deletion ${at} && ` : '';
    return `${place} is ${state}, so nothing under it can be read: "${first}aws kms enable-key ${at}".`;
  } catch (error) {
    if (!isFault(error, ...GONE)) throw error;
    return (
      `${place} is not in ${region} of this account: expected one that exists. ` +
      `"aws kms list-keys --region ${region}" lists them.`
    );
  }
}

/** The engine deletes what an adopted table takes the place of, unless the stack retains it. */
function lossOf(
  stack: string,
  resources: readonly StateResource[],
  name: string,
  id: string,
): string | undefined {
  const present = resources.find(
    ({ urn, type }) => type === 'aws:dynamodb/table:Table' && settingsName(urn) === name,
  );
  const isKept = present?.retainOnDelete === true || present?.id === id;
  if (present === undefined || isKept) return undefined;
  return (
    `gatehouse:adoptTables.${name} puts ${id} in the place of ${present.id}, which would be deleted with its ` +
    `data, for this stack retains nothing. Keep it first: "npx pulumi config set --stack ${stack} ` +
    `gatehouse:protect true" and, without the line of adoptTables, "npm run up -- ${stack}".`
  );
}
