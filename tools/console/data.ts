// The tables, read-only: what the workload does not declare readable is masked before it leaves.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { KEYS_TABLE } from '../../contracts/keys-table';
import type { TableSpec, Workload } from '../../contracts/workload';
import type { DataPage } from './view';

const PAGE_ITEMS = 50;
const MASK = '••••';

/** Attributes that may be shown, of a table by its name in the workload; undefined: all. */
export function readableOf(
  table: string,
  { tables }: Pick<Workload, 'tables'>,
): string[] | undefined {
  if (table === 'keys') return KEYS_SHOWN;
  const spec: TableSpec | undefined = tables[table];
  if (spec === undefined || (spec.readable === undefined && spec.writeOnly !== true))
    return undefined;
  return [
    ...Object.keys(spec.partitionKey),
    ...Object.keys(spec.sortKey ?? {}),
    ...(spec.readable ?? []),
    ...(spec.ttl === undefined ? [] : [spec.ttl]),
  ];
}

/** A key's record but for its hash; of audit items what they say of who did what. */
const KEYS_SHOWN: string[] = [
  KEYS_TABLE.partitionKey,
  KEYS_TABLE.sortKey,
  KEYS_TABLE.ttlAttribute,
  ...KEYS_TABLE.edgeAttributes.filter((name) => name !== 'hash'),
  ...['name', 'createdAt', 'revokedAt', 'rotatedFrom', 'rotatedTo', 'action', 'at', 'who', 'from'],
];

/** The first items of a table. */
export async function readTable(
  client: DynamoDBClient,
  options: { table: string; physicalName: string; readable: readonly string[] | undefined },
): Promise<DataPage> {
  const { table, physicalName, readable } = options;
  const { Items = [], LastEvaluatedKey } = await DynamoDBDocumentClient.from(client).send(
    new ScanCommand({ TableName: physicalName, Limit: PAGE_ITEMS }),
  );
  const masked = new Set<string>();
  const items = Items.map((item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => {
        if (readable === undefined || readable.includes(name)) return [name, shown(value)];
        masked.add(name);
        return [name, MASK];
      }),
    ),
  );
  return { table, items, masked: [...masked].sort(), more: LastEvaluatedKey !== undefined };
}

/** As JSON can carry it. */
function shown(value: unknown): unknown {
  if (value instanceof Set) return [...(value as Set<unknown>)];
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value;
}
