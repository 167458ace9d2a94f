// What a stack may take over by adoptTables and adoptKeys, and what is wrong with what it names.
import { KEY_ID, TABLE_NAME } from '../../contracts/adoption';
import { GLOBAL_REGION } from '../../contracts/aws-limits';
import { didYouMean } from '../../contracts/did-you-mean';
import type { Workload } from '../../contracts/workload';
import type { Values } from './settings';

type Adopting = Pick<
  Values,
  'adoptTables' | 'adoptKeys' | 'replicaRegions' | 'edgeLogRegions' | 'region'
>;

/** Regions in which the edge function writes logs and metrics, the home region first. */
export function edgeRegionsOf({
  region,
  replicaRegions,
  edgeLogRegions,
}: Pick<Values, 'region' | 'replicaRegions' | 'edgeLogRegions'>): string[] {
  return [...new Set([region, GLOBAL_REGION, ...replicaRegions, ...edgeLogRegions])];
}

/** Every problem, each with what would have been legal. */
export function adoptionProblems(
  values: Adopting,
  { tables, keys }: Pick<Workload, 'tables' | 'keys'>,
): string[] {
  const [, ...awayFromHome] = edgeRegionsOf(values);
  return [
    ...problemsOf(
      'adoptTables',
      values.adoptTables,
      [...Object.keys(tables), 'keys'],
      [TABLE_NAME, 'the name of a table'],
    ),
    ...problemsOf(
      'adoptKeys',
      values.adoptKeys,
      [
        ...Object.keys(keys),
        'tables',
        ...values.replicaRegions.map((region) => `tables-${region}`),
        'telemetry',
        ...awayFromHome.map((region) => `telemetry-${region}`),
      ],
      [KEY_ID, 'the id of a KMS key'],
    ),
  ];
}

function problemsOf(
  setting: string,
  adopted: Readonly<Record<string, string>>,
  known: readonly string[],
  [pattern, legal]: readonly [RegExp, string],
): string[] {
  const entries = Object.entries(adopted);
  const isTwice = (id: string): boolean => entries.filter(([, other]) => other === id).length > 1;
  return entries.flatMap(([name, id]) => {
    const place = `gatehouse:${setting}.${name}`;
    if (!known.includes(name)) {
      return [`${place} is nothing that this stack has. ${didYouMean(name, known)}`];
    }
    if (!pattern.test(id)) return [`${place} is "${id}", expected ${legal}.`];
    // Replicas of a multi-region key share its id.
    if (isTwice(id) && !id.startsWith('mrk-')) {
      return [`${place} is "${id}", which another line of ${setting} names, too: remove one.`];
    }
    return [];
  });
}
